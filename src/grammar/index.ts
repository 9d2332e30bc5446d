export { canonical } from './canonical.ts';
export { checkAliases } from './check-aliases.ts';
export { type ClosedRule, closedSet, holdChainOfPresets, holdDelivery, maxClosedSteps } from './closed-set.ts';
export { createDeclared, type Declarations, type IsDeclared } from './declared.ts';
export { type EffectRule, effectRules } from './effects.ts';
export { ignoredFlags } from './flags.ts';
export { focusIn, focusMetadata, parseFocus, withoutFocus } from './focal-metadata.ts';
export { withFocus } from './focus.ts';
export { type AutoCut, type FixedCut, layout, type Placement } from './geometry.ts';
export {
  defaultGrammarOptions,
  type GrammarOptions,
  type SpellingName,
  spellingNames,
} from './grammar-options.ts';
export type { ClientHints } from './hints.ts';
export { checkId, hasControlCharacter, stagingPrefix } from './ids.ts';
export { holdToLadder, stepFor } from './ladder.ts';
export { fontFamilies, layerCandidates, layerIds } from './layers.ts';
export { layoutChain, layoutStep, layoutSteps, type StepLayout, type Turn, turnedSize } from './layout-chain.ts';
export type { Size } from './lengths.ts';
export { misspeltHint } from './misspelt.ts';
export { nearest } from './nearest.ts';
export { type Negotiated, type NegotiationRequest, negotiate } from './negotiate.ts';
export { type ComponentValues, type Option, options } from './options.ts';
export { type ImageRequest, keysShown, type OriginalCandidate, originalCandidates, parseTarget } from './parse.ts';
export { checkPresets, parseTransformation } from './parse-components.ts';
export { type Canvas, type LayerPlacement, placeLayer } from './places.ts';
export { isFetchHost, remotePrefix, remoteUrl } from './remote.ts';
export { placeShadow, type ShadowPlace } from './shadow.ts';
export * from './transform.ts';
