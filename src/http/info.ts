import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Failure } from '../failure.ts';
import { mediaTypeOf } from '../formats.ts';
import { type GrammarOptions, parseTarget, type ResolvedTransform } from '../grammar/index.ts';
import type { IdentifiedVariant, Variants } from '../variants/index.ts';
import type { ImageQuestion } from './asked.ts';
import { type AccessPolicy, isOriginalOpen, policyFor } from './authorise.ts';
import type { Callers } from './callers/callers.ts';
import { type AppContext, arrivalOf, clientSignal, onSent, rawPath } from './context.ts';
import { requireAdmin } from './guards.ts';
import { matchesEtag } from './headers.ts';

export interface InfoParts {
  readonly variants: Pick<Variants, 'identify' | 'deliver'>;
  readonly images: { readonly grammar: GrammarOptions; readonly policy: AccessPolicy };
  readonly callers: Callers;
  readonly adminToken: string | undefined;
}

/** What describes an original: a variant like any other, so that it is made once for each version, and kept. */
const description: ResolvedTransform = {
  steps: [],
  format: 'source',
  quality: undefined,
  flags: ['describe'],
  page: undefined,
  density: undefined,
  colourSpace: undefined,
};

/** `GET /-/info/<key>`: all that is known of an original, for whoever may have the original itself. */
export async function answerInfo(c: AppContext, parts: InfoParts): Promise<Response> {
  const { bytes, headers } = await describedFor(c, parts, '/-/info/');
  if (bytes === undefined) return new Response(null, { status: 304, headers });
  return c.body(Buffer.from(bytes).toString('utf8'), 200, {
    ...headers,
    'Content-Type': 'application/json; charset=utf-8',
  });
}

/** `GET /-/placeholder/<key>`: the picture of a few hundred bytes that is shown until the real one is there. */
export async function answerPlaceholder(c: AppContext, parts: InfoParts): Promise<Response> {
  const { bytes, headers } = await describedFor(c, parts, '/-/placeholder/');
  if (bytes === undefined) return new Response(null, { status: 304, headers });
  const { placeholder = '' } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { readonly placeholder?: string };
  const picture = Buffer.from(placeholder.slice(placeholder.indexOf(',') + 1), 'base64');
  return c.body(new Uint8Array(picture), 200, { ...headers, 'Content-Type': mediaTypeOf('webp') });
}

interface DescribedOriginal {
  /** Undefined: whoever asks has it. */
  readonly bytes: Uint8Array | undefined;
  readonly headers: Record<string, string>;
}

async function describedFor(c: AppContext, parts: InfoParts, prefix: string): Promise<DescribedOriginal> {
  const { variants, images, callers, adminToken } = parts;
  const { delivery, id: key } = parseTarget(
    `/_/${rawPath(c.req.raw, { env: c.env }).slice(prefix.length)}`,
    images.grammar,
  );
  if (delivery === 'fetch') throw new Failure('invalid', 'Only originals of the store are described.');
  const arrived = arrivalOf(c);
  const policy = policyFor(images.policy, { wasForwarded: callers.wasForwarded(arrived) });
  const isOpen = isOriginalOpen(key, policy);
  if (!isOpen) requireAdmin(c, adminToken);
  const held = c.req.header('if-none-match');
  const has = (etag: string) => held !== undefined && matchesEtag(held, etag);
  const headersOf = (etag: string) => ({ ETag: etag, 'Cache-Control': isOpen ? 'public, max-age=60' : 'no-store' });
  const asking = {
    signal: clientSignal(c),
    client: () => callers.clientOf(arrived),
    onHeld: (giveBack: () => void) => onSent(c, giveBack),
  };
  const found = await identifyDescription(variants, key, { ...asking, readAhead: held === undefined });
  if (has(found.identity.etag)) return { bytes: undefined, headers: headersOf(found.identity.etag) };
  const { bytes, etag } = await deliverDescription(variants, found, asking);
  // Stored under an older build, it has a tag of its own.
  return { bytes: has(etag) ? undefined : bytes, headers: headersOf(etag) };
}

/** Who asks, and until when. */
export type Asking = Pick<ImageQuestion, 'signal' | 'client' | 'onHeld'>;

/** What is known of an original, as JSON. Failures: `not_found`, and those of the stores and the renderer. */
export async function describeOriginal(
  variants: InfoParts['variants'],
  key: string,
  asking: Asking,
): Promise<Uint8Array> {
  const { signal, client } = asking;
  const found = await identifyDescription(variants, key, { signal, client, readAhead: true });
  return (await deliverDescription(variants, found, asking)).bytes;
}

async function identifyDescription(
  variants: InfoParts['variants'],
  key: string,
  options: Parameters<Variants['identify']>[1],
): Promise<IdentifiedVariant> {
  const found = await variants.identify([{ key, transform: description }], options);
  if (found.kind !== 'variant') throw new Error('a variant was asked for');
  return found;
}

async function deliverDescription(
  variants: InfoParts['variants'],
  found: IdentifiedVariant,
  asking: Asking,
): Promise<{ readonly bytes: Uint8Array; readonly etag: string }> {
  const { body, etag } = await variants.deliver(found, { ...asking, isLimited: false, part: undefined });
  return { bytes: body instanceof Readable ? await buffer(body) : body, etag };
}
