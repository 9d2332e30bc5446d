import { sign } from '../signing.ts';

export interface AddressOptions {
  readonly unsigned: 'any' | 'ladder' | 'presets' | 'none';
  /** Newest first; the first one signs. */
  readonly signingSecrets: readonly string[];
  readonly ladder: readonly number[];
  /** Names. */
  readonly presets: readonly string[];
}

/** Widths that most pages begin with; where the ladder lacks one its next step stands in. */
const exampleWidths = [320, 640, 1280] as const;

/** Paths of an original and of some of its variants, such as this server answers them, by a name for each. */
export type Addresses = (key: string) => Readonly<Record<string, string>>;

/** Ready URLs as far as the policy lets them be asked: signed where it wants that, presets where it wants those. */
export function createAddresses({ unsigned, signingSecrets, ladder, presets }: AddressOptions): Addresses {
  const secret = signingSecrets[0];
  const needsSignature = unsigned === 'presets' || unsigned === 'none';
  const widths = exampleWidths.map((width) =>
    unsigned === 'ladder' ? (ladder.toSorted((a, b) => a - b).find((step) => step >= width) ?? width) : width,
  );

  return (key) => {
    const id = key.split('/').map(encodeURIComponent).join('/');
    const guarded = needsGuard(id) ? `v1/${id}` : id;
    const plain = (transformation: string) => `/${transformation === '' ? '' : `${transformation}/`}${guarded}`;
    const signed = (transformation: string) => {
      if (secret === undefined) return undefined;
      const text = transformation === '' ? id : `${transformation}/${id}`;
      return `/s--${sign(text, secret, 'sha256-long')}--${plain(transformation)}`;
    };
    const free = needsSignature ? signed : plain;
    const entries = [
      ['original', free('')],
      ...widths.map((width) => [`w${width}`, free(`c_limit,w_${width},f_auto,q_auto`)]),
      ...presets.map((name) => [name, unsigned === 'none' ? signed(`t_${name}`) : plain(`t_${name}`)]),
    ];
    return Object.fromEntries(entries.filter(([, path]) => path !== undefined));
  };
}

const plainSegment = /^[A-Za-z0-9.%~-]+$/;

/** A folder may look like a transformation, a version or one of our own paths; `v1/` says where the id begins. */
function needsGuard(id: string): boolean {
  const folders = id.split('/').slice(0, -1);
  const [first = ''] = folders;
  if (/^(image|images|private_images|authenticated_images|iu|video|raw|-|v\d+)$/.test(first)) return true;
  return id.startsWith('s--') || folders.some((folder) => !plainSegment.test(folder) || /^v\d+$/.test(folder));
}
