import type { ObjectInfo } from '../../storage/index.ts';
import { cacheTag, type KeptIdentity } from '../identify/identity.ts';
import type { Variant, VariantFacts } from '../identify/variant.ts';

/** What is kept with a stored variant; `rendering` names the rules by which it was drawn. */
export function metadataOf(identity: KeptIdentity, variant: Variant, rendering: string): Record<string, string> {
  return {
    'fovea-version': identity.stamp,
    'fovea-rendering': rendering,
    'fovea-etag': variant.etag.slice(1, -1),
    'fovea-modified': variant.lastModified.toISOString(),
    'cache-tag': identity.sources.map(cacheTag).join(','),
  };
}

/** Undefined for what was drawn by other rules, or is no variant of ours. */
export function factsOf({ contentType, metadata }: ObjectInfo, rendering: string): VariantFacts | undefined {
  const version = metadata['fovea-version'];
  const etag = metadata['fovea-etag'];
  const modified = metadata['fovea-modified'];
  if (metadata['fovea-rendering'] !== rendering || contentType === undefined) return undefined;
  if (version === undefined || etag === undefined || modified === undefined) return undefined;
  return { contentType, etag: `"${etag}"`, version, lastModified: new Date(modified) };
}
