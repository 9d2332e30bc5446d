export { canonical } from './canonical.ts';
export { type EffectRule, effectRules } from './effects.ts';
export { ignoredFlags } from './flags.ts';
export {
  type AutoCut,
  type Canvas,
  type FixedCut,
  type LayerPlacement,
  layout,
  type Placement,
  placeLayer,
  type Size,
} from './geometry.ts';
export { defaultGrammarOptions, type GrammarOptions } from './grammar-options.ts';
export { layoutChain, layoutStep, layoutSteps, type StepLayout, type Turn, turnedSize } from './layout-chain.ts';
export { type Negotiated, type NegotiationRequest, negotiate } from './negotiate.ts';
export { type ComponentValues, type Option, options } from './options.ts';
export { type ImageRequest, type OriginalCandidate, originalCandidates, parseTarget } from './parse.ts';
export { checkPresets, parseTransformation } from './parse-components.ts';
export * from './transform.ts';
