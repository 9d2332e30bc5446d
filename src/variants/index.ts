export { type Bound, createBound } from './bound/bound.ts';
export type { CollectOptions, CollectProgress } from './collect/collect.ts';
export { createAdmission } from './deliver/admission.ts';
export type { Delivered } from './deliver/delivered.ts';
export { createOriginals } from './deliver/originals.ts';
export type { AskedPart, WantedRange } from './deliver/part.ts';
export type { Standing } from './deliver/standing.ts';
export type { Candidate, IdentifiedOriginal, IdentifiedVariant } from './identify/identified.ts';
export {
  cacheTag,
  isReservedKey,
  isVariantObject,
  renderingName,
  sourceOfVariantKey,
  variantPrefix,
} from './identify/identity.ts';
export { notFound } from './identify/not-found.ts';
export { createVersions } from './identify/versions.ts';
export { createEdgePurges, type EdgePurges, type LaterEdgePurge, type Postpone } from './purge/edge-purges.ts';
export type { Erasable, Erased, OriginalState } from './purge/erase.ts';
export { checkMoves, type Move, type Moved } from './purge/move.ts';
export type { PurgeOptions, PurgeResult } from './purge/purge.ts';
export type { PurgeRequest } from './purge/purge-request.ts';
export { createLeases, type Leases } from './tiers/leases.ts';
export { createMemoryTier, type MemoryTier } from './tiers/memory-tier.ts';
export { createSending } from './tiers/sending.ts';
export { createStoreTier } from './tiers/store-tier.ts';
export { createVariants, type Variants } from './variants.ts';
export { transformsToWarm } from './warm.ts';
