import { Failure } from '../../failure.ts';
import type { SourceFormat } from '../../formats.ts';
import { notFound, type OriginalState } from '../../variants/index.ts';
import { type AppContext, onSent } from '../context.ts';
import { describeOriginal } from '../info.ts';
import type { DeliveryType } from './asked.ts';
import type { CloudinaryParts } from './options.ts';
import type { Facts } from './resource.ts';

/** The original that an id means: of this name, or with one of the extensions that are tried. Asks the store. */
export async function existingOf(
  publicId: string,
  { variants, images: { grammar } }: Pick<CloudinaryParts, 'variants' | 'images'>,
  signal: AbortSignal,
): Promise<OriginalState | undefined> {
  const keys = [publicId, ...grammar.extensions.map((extension) => `${publicId}.${extension}`)];
  const states = await Promise.all(keys.map((key) => variants.stat(key, signal)));
  return states.find((state) => state !== undefined);
}

/** The same; Failure `not_found` where there is none. */
export async function requireExisting(
  publicId: string,
  parts: Pick<CloudinaryParts, 'variants' | 'images'>,
  signal: AbortSignal,
): Promise<OriginalState> {
  const state = await existingOf(publicId, parts, signal);
  if (state === undefined) throw notFound(publicId);
  return state;
}

/** What is known of an original's pixels. */
export async function factsOf(
  c: AppContext,
  key: string,
  { parts, signal }: { readonly parts: Pick<CloudinaryParts, 'variants' | 'clientOf'>; readonly signal: AbortSignal },
): Promise<Facts> {
  const bytes = await describeOriginal(parts.variants, key, {
    signal,
    client: () => parts.clientOf(c),
    onHeld: (giveBack) => onSent(c, giveBack),
  });
  const { format, width, height } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Facts & {
    readonly format: SourceFormat;
  };
  return { format, width, height };
}

/** What is delivered as private or authenticated lies in a folder for it: a word in a URL gives no right and takes none. */
export function checkDelivery(key: string, type: DeliveryType, { images }: Pick<CloudinaryParts, 'images'>): void {
  if (type === 'upload' || images.policy.protected[type].some((folder) => key.startsWith(folder))) return;
  throw new Failure(
    'invalid',
    `type=${type} goes by the folder here: expected a public_id in a folder that "protected" names.`,
  );
}
