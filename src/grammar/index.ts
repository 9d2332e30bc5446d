export { type ImageFormat, imageFormats } from '../formats.ts';
export { focusIn, focusMetadata, parseFocus, withoutFocus } from './geometry/focal-metadata.ts';
export { withFocus } from './geometry/focus.ts';
export { type AutoCut, type FixedCut, layout, type Placement } from './geometry/geometry.ts';
export {
  layoutChain,
  layoutStep,
  layoutSteps,
  type StepLayout,
  type Turn,
  turnedSize,
} from './geometry/layout-chain.ts';
export type { Size } from './geometry/lengths.ts';
export { type Canvas, type LayerPlacement, placeLayer } from './geometry/places.ts';
export { placeShadow, type ShadowPlace } from './geometry/shadow.ts';
export {
  type DialectName,
  defaultGrammarOptions,
  dialectNames,
  type GrammarOptions,
} from './grammar-options.ts';
export { checkId, hasControlCharacter, stagingPrefix } from './ids/ids.ts';
export { isFetchHost, remotePrefix, remoteUrl } from './ids/remote.ts';
export { canonical } from './meaning/canonical.ts';
export {
  type ClosedRule,
  closedSet,
  holdChainOfPresets,
  holdDelivery,
  maxClosedSteps,
} from './negotiation/closed-set.ts';
export { createDeclared, type Declarations, type IsDeclared } from './negotiation/declared.ts';
export type { ClientHints } from './negotiation/hints.ts';
export { holdToLadder, stepFor } from './negotiation/ladder.ts';
export { type Negotiated, type NegotiationRequest, negotiate } from './negotiation/negotiate.ts';
export { type EffectRule, effectRules } from './parameters/effects.ts';
export { ignoredFlags } from './parameters/flags.ts';
export { nearest } from './parameters/nearest.ts';
export { type ComponentValues, type Option, options } from './parameters/options.ts';
export { checkAliases } from './reading/check-aliases.ts';
export { fontFamilies, layerCandidates, layerIds } from './reading/layers.ts';
export { misspeltHint } from './reading/misspelt.ts';
export {
  type ImageRequest,
  keysShown,
  type OriginalCandidate,
  originalCandidates,
  parseTarget,
} from './reading/parse.ts';
export { checkPresets, parseTransformation } from './reading/parse-components.ts';
export * from './transform.ts';
