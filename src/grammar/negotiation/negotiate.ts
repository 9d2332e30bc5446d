import { isEmpty } from '../meaning/component.ts';
import { scaleStep } from '../meaning/scale.ts';
import type { ResolvedTransform, Transform } from '../meaning/transform.ts';
import type { Quality, TargetFormat } from '../parameters/output.ts';
import { parseAccept } from './accept.ts';
import { applyHints, type ClientHints } from './hints.ts';

/** The headers of a request that may change the answer. */
export interface NegotiationRequest {
  readonly accept: string | undefined;
  /** `x-fovea-accept`: the edge's reduction of Accept and Save-Data to one token. */
  readonly foveaAccept: string | undefined;
  /** `Save-Data`; the edge's token counts before it. */
  readonly saveData?: string | undefined;
  /** undefined: hints are not used here. */
  readonly hints?: ClientHints | undefined;
}

export interface Negotiated {
  readonly transform: ResolvedTransform;
  /** Names of request headers that another client could send otherwise and get other bytes for. */
  readonly varies: readonly string[];
}

/** Decides everything `auto`: the format by what the client accepts, dpr folded into the sizes. */
export function negotiate(transform: Transform, request: NegotiationRequest): Negotiated {
  const edge = parseEdgeToken(request.foveaAccept);
  const format = transform.format ?? 'source';
  const savesData = edge === undefined ? request.saveData?.trim().toLowerCase() === 'on' : edge.isLite;
  const { steps, dpr, varies } = applyHints(transform, request.hints);
  return {
    transform: {
      steps: steps.map((step) => scaleStep(step, dpr)).filter((step) => !isEmpty(step)),
      format: format === 'auto' ? (edge?.format ?? acceptedFormat(request.accept)) : format,
      quality: savesData ? lighter(transform.quality) : transform.quality,
      flags: transform.flags,
      page: transform.page,
      density: transform.density,
      ...(transform.maxBytes !== undefined && { maxBytes: transform.maxBytes }),
      colourSpace: transform.colourSpace,
    },
    varies: [
      ...(format === 'auto' ? ['Accept'] : []),
      ...(transform.quality?.kind === 'auto' ? ['Save-Data'] : []),
      ...varies,
    ],
  };
}

const edgeFormats: ReadonlyMap<string, TargetFormat> = new Map([
  ['avif', 'auto-avif'],
  ['webp', 'auto-webp'],
  ['none', 'auto-basic'],
]);

function parseEdgeToken(token: string | undefined): { format: TargetFormat; isLite: boolean } | undefined {
  if (token === undefined) return undefined;
  const isLite = token.endsWith('-lite');
  const format = edgeFormats.get(isLite ? token.slice(0, -'-lite'.length) : token);
  return format === undefined ? undefined : { format, isLite };
}

/** The wanted format of the highest weight; at equal weights AVIF before WebP before the rest. */
function acceptedFormat(accept: string | undefined): TargetFormat {
  if (accept === undefined) return 'auto-basic';
  const { avif, webp, basic } = parseAccept(accept);
  if (avif > 0 && avif >= webp && avif >= basic) return 'auto-avif';
  return webp > 0 && webp >= basic ? 'auto-webp' : 'auto-basic';
}

const lighterLevels = { best: 'good', good: 'eco', eco: 'low', low: 'low' } as const;

// A client that saves data gets the next lower level; an exact quality stays what the page asked for.
function lighter(quality: Quality | undefined): Quality | undefined {
  return quality?.kind === 'auto' ? { ...quality, level: lighterLevels[quality.level] } : quality;
}
