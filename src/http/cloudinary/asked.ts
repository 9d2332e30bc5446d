import { randomBytes } from 'node:crypto';
import { Failure } from '../../failure.ts';
import type { Said } from './form.ts';
import type { Parameters } from './sent.ts';

/*
 * What the parameters come to. What is not listed is refused by its name: an upload that shall be moderated, recognised or
 * transformed on its way in is not the same without.
 */

const uploadParameters: ReadonlySet<string> = new Set([
  ...['api_key', 'signature', 'timestamp', 'file', 'cloud_name', 'resource_type', 'upload_preset', 'source'],
  ...['public_id', 'public_id_prefix', 'folder', 'asset_folder', 'display_name', 'filename_override', 'type'],
  ...['use_filename', 'unique_filename', 'use_filename_as_display_name', 'discard_original_filename'],
  ...['overwrite', 'invalidate', 'tags', 'context', 'eager', 'eager_async', 'allowed_formats', 'async', 'backup'],
]);
const explicitParameters: ReadonlySet<string> = new Set([
  ...['api_key', 'signature', 'timestamp', 'cloud_name', 'resource_type', 'public_id', 'type', 'invalidate'],
  ...['tags', 'context', 'eager', 'eager_async', 'asset_folder', 'display_name'],
]);
const destroyParameters: ReadonlySet<string> = new Set([
  ...['api_key', 'signature', 'timestamp', 'cloud_name', 'resource_type', 'public_id', 'type', 'invalidate'],
]);
const renameParameters: ReadonlySet<string> = new Set([
  ...['api_key', 'signature', 'timestamp', 'cloud_name', 'resource_type', 'from_public_id', 'to_public_id'],
  ...['type', 'invalidate', 'overwrite'],
]);
const taken = {
  upload: uploadParameters,
  explicit: explicitParameters,
  destroy: destroyParameters,
  rename: renameParameters,
} as const;

/** Parameters that are true or false. */
const flags = [
  ...(['use_filename', 'unique_filename', 'use_filename_as_display_name', 'discard_original_filename'] as const),
  ...(['overwrite', 'invalidate', 'eager_async', 'async', 'backup'] as const),
];
type Flag = (typeof flags)[number];

export const deliveries = ['upload', 'private', 'authenticated'] as const;
export type DeliveryType = (typeof deliveries)[number];

/** Throws `invalid` for the first parameter that is not taken there, for a flag that is none, and for what means something only elsewhere. */
export function checkTaken({ parameters }: Pick<Said, 'parameters'>, action: keyof typeof taken): void {
  const other = [...parameters].find(([name, value]) => !taken[action].has(name) && value !== '');
  if (other !== undefined) {
    throw new Failure('invalid', `${other[0].slice(0, 100)} is not supported here: expected ${action} without it.`);
  }
  // Before anything is published or deleted: what cannot be read is not found out behind it.
  for (const name of flags) flagOf(parameters, name);
  if (flagOf(parameters, 'async') === true) {
    throw new Failure('invalid', 'async is not supported here: expected an upload that is answered when it is done.');
  }
}

/** What is to be told of a picture, beside what it is. */
export interface Told {
  readonly type: DeliveryType;
  readonly tags: readonly string[];
  /** By key. */
  readonly context: Readonly<Record<string, string>> | undefined;
  /** Transformations, each with the format behind a slash put into it. */
  readonly eager: readonly string[];
  readonly assetFolder: string | undefined;
  readonly displayName: string | undefined;
}

export function toldOf({ parameters, permission: { preset } }: Said): Told {
  const type = parameters.get('type') || 'upload';
  const known = deliveries.find((one) => one === type);
  if (known === undefined)
    throw new Failure('invalid', `type takes ${deliveries.join(', ')}; got ${type.slice(0, 50)}.`);
  const eager = listed(parameters.get('eager'), '|');
  return {
    type: known,
    tags: [...(preset.tags ?? []), ...listed(parameters.get('tags'), ',')],
    context: contextOf(parameters.get('context')),
    eager: (eager.length > 0 ? eager : (preset.eager ?? [])).map(withFormat),
    assetFolder: parameters.get('asset_folder'),
    displayName: parameters.get('display_name'),
  };
}

function listed(text: string | undefined, separator: ',' | '|'): readonly string[] {
  return (text ?? '')
    .split(separator)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** `alt=A cat|caption=Tom`; a bar or an equals sign in a value has a backslash before it. */
function contextOf(text: string | undefined): Told['context'] {
  if (text === undefined || text === '') return undefined;
  const pairs = text.split(/(?<!\\)\|/).map((pair) => {
    const [, key = '', value = ''] = /^((?:[^=\\]|\\.)*)=?(.*)$/s.exec(pair) ?? [];
    return [key, value.replace(/\\([=|\\])/g, '$1')] as const;
  });
  return Object.fromEntries(pairs.filter(([key]) => key !== ''));
}

/** `c_fill,w_100/png` asks for a format, as a URL does by its end. */
function withFormat(eager: string): string {
  const [, before = '', format = ''] = /^(.*)\/([a-z0-9]{2,5})$/.exec(eager) ?? [];
  return before === '' || format === '' ? eager.replace(/\/$/, '') : `${before}/f_${format}`;
}

/** Undefined where nothing was said. Failure `invalid`. */
export function flagOf(parameters: Parameters, name: Flag): boolean | undefined {
  const text = parameters.get(name) ?? '';
  if (text === '') return undefined;
  if (['true', '1', 'True'].includes(text)) return true;
  if (['false', '0', 'False'].includes(text)) return false;
  throw new Failure('invalid', `${name} takes true or false; got ${text.slice(0, 50)}.`);
}

/** The name a picture shall have: with its folder and without its extension. */
export interface AskedName {
  readonly publicId: string;
  /** Made here: nothing can be there. */
  readonly isMade: boolean;
}

/**
 * A folder that a preset for everybody names is where its pictures go, whatever they say: whoever signs may say another, as at
 * Cloudinary. Failures: `invalid` for letters that no name has there.
 */
export function nameOf({ parameters, permission }: Said, filename: string | undefined): AskedName {
  const { preset, isSigned } = permission;
  const [ours, theirs] = [preset.folder, parameters.get('folder')];
  const folder = stripped(checkedName((isSigned ? theirs || ours : ours || theirs) ?? ''), '/');
  const prefix = stripped(checkedName(parameters.get('public_id_prefix') ?? ''), '/');
  const inFolder = (name: string) => [folder, prefix, name].filter((part) => part !== '').join('/');
  const asked = checkedName(parameters.get('public_id') ?? '');
  if (asked !== '') return { publicId: inFolder(asked), isMade: false };
  const usesFilename = flagOf(parameters, 'use_filename') ?? preset.useFilename ?? false;
  const stem = usesFilename ? stemOf(parameters.get('filename_override') || filename) : '';
  if (stem === '') return { publicId: inFolder(randomName(20)), isMade: true };
  const isUnique = flagOf(parameters, 'unique_filename') ?? preset.uniqueFilename ?? true;
  return isUnique
    ? { publicId: inFolder(`${stem}_${randomName(6)}`), isMade: true }
    : { publicId: inFolder(stem), isMade: false };
}

/** Letters that no public id of Cloudinary's has. What we sign in our answers has names in it, and an ampersand parts its words. */
const foreign = /[?&#\\%<>+]/;

/** Failure `invalid` for a name that an original shall not get. */
export function checkedName(name: string): string {
  const found = foreign.exec(name);
  if (found === null) return name;
  throw new Failure('invalid', `public_id (${name.slice(0, 100)}) is invalid: it has "${found[0]}" in it.`);
}

/** Without these letters at its ends. A pattern that ends in `+$` would begin anew at each of them, wherever they stand. */
function stripped(text: string, letters: string): string {
  let [from, to] = [0, text.length];
  while (from < to && letters.includes(text.charAt(from))) from += 1;
  while (to > from && letters.includes(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

/** A file's name without its extension, in letters that need no escape. */
export function stemOf(filename: string | undefined): string {
  const name = (filename ?? '').replace(/^.*[/\\]/s, '').replace(/\.[^.]*$/, '');
  return stripped(name.normalize('NFC').replace(/[^\p{L}\p{N}_.-]+/gu, '_'), '._').slice(0, 120);
}

/** Small letters and digits, as Cloudinary makes them. */
function randomName(length: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  // Two bytes a letter: the letters are as good as equally likely.
  const bytes = randomBytes(length * 2);
  return Array.from({ length }, (_, at) => letters[bytes.readUInt16BE(at * 2) % letters.length] ?? '').join('');
}
