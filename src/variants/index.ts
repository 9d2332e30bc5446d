export { createAdmission } from './admission.ts';
export type { CollectOptions, CollectProgress } from './collect.ts';
export type { Delivered } from './delivery.ts';
export { createEdgePurges, type EdgePurges, type LaterEdgePurge, type Postpone } from './edge-purges.ts';
export type { Candidate, Identified, OriginalIdentity } from './identification.ts';
export {
  cacheTag,
  isReservedKey,
  renderingName,
  sourceOfVariantKey,
  sourcesOf,
  type VariantIdentity,
  variantPrefix,
} from './identity.ts';
export { createMemoryTier } from './memory-tier.ts';
export { notFound } from './not-found.ts';
export { createOriginals } from './originals.ts';
export type { PurgeOptions, PurgeResult } from './purge.ts';
export type { PurgeRequest } from './purge-request.ts';
export { createSending } from './sending.ts';
export { createStoreTier } from './store-tier.ts';
export type { Variant } from './variant.ts';
export { createVariants, type Variants } from './variants.ts';
export { createVersions } from './versions.ts';
export { transformsToWarm, type Warmed } from './warm.ts';
