export { createAdmission } from './admission.ts';
export { cacheTag, sourceOfVariantKey, type VariantIdentity, variantPrefix } from './identity.ts';
export { createMemoryTier } from './memory-tier.ts';
export { createOriginals } from './originals.ts';
export { createStoreTier } from './store-tier.ts';
export type { Variant } from './variant.ts';
export {
  type Candidate,
  createVariants,
  type Delivered,
  type Identified,
  type OriginalIdentity,
  type Variants,
} from './variants.ts';
export { createVersions } from './versions.ts';
