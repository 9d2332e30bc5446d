export { type ImageFormat, imageFormats } from '../formats.ts';
export { withConditionsDecided } from './geometry/decide.ts';
export { effectRegion } from './geometry/effect-region.ts';
export { type Fade, fadesOf } from './geometry/fades.ts';
export { withFocus } from './geometry/focus.ts';
export { type AutoCut, type FixedCut, layout, type Placement } from './geometry/geometry.ts';
export {
  layoutStep,
  layoutSteps,
  type StepLayout,
} from './geometry/layout-chain.ts';
export { type Canvas, placeLayer } from './geometry/places.ts';
export { afterTurn, type FacesWanted, facesWanted, facing, seenIn, visible } from './geometry/regions.ts';
export type { Size } from './geometry/resolve-length.ts';
export { placeShadow, type ShadowPlace } from './geometry/shadow.ts';
export { sheared, shearOf } from './geometry/shears.ts';
export { turnedBounds, type WantedTurn } from './geometry/turns.ts';
export {
  type DialectName,
  defaultGrammarOptions,
  dialectNames,
  type GrammarOptions,
} from './grammar-options.ts';
export { dialectClashes, grammarAt } from './hosts.ts';
export { checkId, hasControlCharacter, reservedBeginning, stagingPrefix } from './ids/ids.ts';
export { isFetchHost, readRemote, remoteUrl } from './ids/remote.ts';
export { countsFaces } from './meaning/branches.ts';
export { canonical } from './meaning/canonical.ts';
export { fontFamilies, layerIds } from './meaning/layers.ts';
export type { Component, DeliveryHints, Layer, ResolvedTransform, Transform } from './meaning/transform.ts';
export { prefersPages, prefersPictures } from './negotiation/accept.ts';
export {
  closedRule,
  holdChainOfPresets,
  holdDelivery,
  maxClosedSteps,
} from './negotiation/closed-set.ts';
export { createDeclared, type IsDeclared } from './negotiation/declared.ts';
export { holdToLadder, stepFor } from './negotiation/ladder.ts';
export { type NegotiationRequest, negotiate } from './negotiation/negotiate.ts';
export { type Control, type OfferedParameter, offeredParameters } from './parameters/controls.ts';
export { type CropMode, cropModes, isPadding } from './parameters/crop.ts';
export { type Effect, type EffectName, effectNames, effectRules } from './parameters/effects.ts';
export { ignoredFlags, type OutputFlag, outputFlags } from './parameters/flags.ts';
export type { AutoGravity, CompassPoint, Point, Region } from './parameters/gravity.ts';
export type { LayerSource } from './parameters/layer-source.ts';
export type { Background, Border, MaskShape, Radius } from './parameters/looks.ts';
export {
  type Quality,
  type QualityLevel,
  qualityIn,
  type SettledQuality,
  type TargetFormat,
} from './parameters/output.ts';
export type { ClosedRule } from './parameters/parameter.ts';
export { type ComponentValues, type ParameterName, parameterNames, parameters } from './parameters/table.ts';
export { keysMeant, layerCandidates, originalCandidates } from './reading/candidates.ts';
export { checkAliases } from './reading/check-aliases.ts';
export { type ExplainedPart, explainTarget } from './reading/explain.ts';
export {
  type ImageRequest,
  keysShown,
  parseAsKey,
  parseTarget,
} from './reading/parse.ts';
export { checkPresets, parseTransformation } from './reading/parse-components.ts';
export { pathHint } from './reading/path-hint.ts';
export { queryHint } from './reading/query-hint.ts';
export { altIn, altMetadata, withoutAlt } from './said/alt-text.ts';
export { focusIn, focusMetadata, parseFocus, withoutFocus } from './said/focal-metadata.ts';
export { saidMetadata } from './said/said.ts';
