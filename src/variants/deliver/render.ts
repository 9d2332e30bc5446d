import { Failure } from '../../failure.ts';
import type { FlightControl } from '../../flights.ts';
import type { Renderer, RenderInput } from '../../image/index.ts';
import type { Claim } from '../../shares.ts';
import type { VariantIdentity } from '../identify/identity.ts';
import type { Variant } from '../identify/variant.ts';
import type { Versions } from '../identify/versions.ts';
import type { Lease } from '../tiers/leases.ts';
import type { DeliveryTimings } from './delivered.ts';
import { fingerprintsOf } from './fingerprints.ts';
import type { KnownFaces } from './known-faces.ts';
import type { Originals } from './originals.ts';

export interface RenderingParts {
  readonly originals: Originals;
  readonly versions: Versions;
  readonly renderer: Renderer;
  readonly faces: KnownFaces;
  /** Aborts when the service closes: a render whose visitors have left is finished until then. */
  readonly closing: AbortSignal;
}

export interface RenderCall {
  readonly identity: VariantIdentity;
  readonly claim: Claim;
  /** When it began to wait for its slot, in milliseconds of `performance.now()`. */
  readonly queuedAt: number;
  /** Without it nobody is asked. */
  readonly lease: Lease | undefined;
  readonly patienceMs?: number | undefined;
}

export interface RenderedVariant {
  readonly variant: Variant;
  readonly from: 'render';
  /** False for one that is drawn without what it is to go by, which is for whoever waits and not to be kept. */
  readonly isSure: boolean;
  readonly timings: DeliveryTimings;
}

/**
 * Fetches the original and draws it. Undefined when the original has changed since it was looked up, or is gone; `leased`
 * when another process draws it.
 */
export async function renderVariant(
  parts: RenderingParts,
  { identity, claim, queuedAt, lease, patienceMs }: RenderCall,
  control: FlightControl,
): Promise<RenderedVariant | 'leased' | undefined> {
  const began = performance.now();
  const input = await (lease === undefined
    ? fetchInput(parts, identity, control.signal)
    : fetchLeased(parts, { identity, lease }, control.signal));
  const fetched = performance.now();
  if (input === undefined || input === 'leased') return input;
  const { faces, isSure } = await parts.faces.find({ identity, original: input.original, claim }, control);
  const seen = performance.now();
  const rendered = await parts.renderer.render({ ...input, faces }, identity.transform, {
    signal: parts.closing,
    abandoned: control.signal,
    // From here it is finished even when every visitor leaves: killing a render costs more than ending it.
    onBegun: control.commit,
    ...fingerprintsOf(identity),
    claim,
    patienceMs,
  });
  const { bytes, contentType } = rendered;
  const { etag, stamp, lastModified } = identity;
  return {
    // Other bytes than those that the tag is for once somebody could look.
    variant: { bytes, contentType, etag: isSure ? etag : unseenTag(etag), version: stamp, lastModified },
    from: 'render',
    isSure,
    timings: {
      queueMs: began - queuedAt,
      fetchMs: fetched - began,
      renderMs: seen - fetched + rendered.timings.renderMs,
    },
  };
}

function unseenTag(etag: string): string {
  return `${etag.slice(0, -1)}-unseen"`;
}

/** Asked for beside the lease, so that a picture waits for one round trip and not for two. */
async function fetchLeased(
  parts: RenderingParts,
  { identity, lease }: { readonly identity: VariantIdentity; readonly lease: Lease },
  signal: AbortSignal,
): Promise<RenderInput | 'leased' | undefined> {
  const fetching = new AbortController();
  const leave = () => fetching.abort(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    const input = fetchInput(parts, identity, fetching.signal);
    // It may be that nobody awaits it.
    input.catch(() => undefined);
    if (await lease.take(signal)) return await input;
    fetching.abort();
    return 'leased';
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** The original and its layers. Undefined when one of them has changed. Failures: `too_large`; those of the store. */
async function fetchInput(
  parts: RenderingParts,
  { source, version, layers, focus, alt, isOpen }: VariantIdentity,
  signal: AbortSignal,
): Promise<RenderInput | undefined> {
  checkLayerBytes(layers, parts.originals.maxBytes);
  const [original, ...files] = await Promise.all([
    fetchOriginal(parts, { source, version }, signal),
    ...layers.map(({ key, state }) => fetchOriginal(parts, { source: key, version: state.version }, signal)),
  ]);
  if (original === undefined) return undefined;
  const fetched = new Map<string, Uint8Array>();
  for (const [index, { id }] of layers.entries()) {
    const file = files[index];
    if (file === undefined) return undefined;
    fetched.set(id, file);
  }
  const said = { ...(focus && { focus }), ...(alt !== undefined && { alt }) };
  return { original, isOpen, ...said, ...(fetched.size > 0 && { layers: fetched }) };
}

/** All layers together may be as large as one original: ten of them are not to hold ten times the memory. */
function checkLayerBytes(layers: VariantIdentity['layers'], maxBytes: number): void {
  // An original that lies here as several layers is fetched once for each.
  const bytes = layers.reduce((sum, { state }) => sum + state.size, 0);
  if (bytes <= maxBytes) return;
  throw new Failure(
    'too_large',
    `The pictures of the layers have ${bytes} bytes together; at most ${maxBytes} are read for one picture.`,
  );
}

/** Undefined when it is not there in this version any more: then the version is forgotten. */
async function fetchOriginal(
  { originals, versions }: RenderingParts,
  { source, version }: Pick<VariantIdentity, 'source' | 'version'>,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const bytes = await originals.fetch(source, version, signal);
  if (typeof bytes !== 'string') return bytes;
  versions.forget(source);
  return undefined;
}
