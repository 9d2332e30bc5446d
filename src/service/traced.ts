import type { Renderer } from '../image/index.ts';
import type { ObjectStore } from '../storage/index.ts';
import type { Tracing } from '../telemetry.ts';
import type { createAdmission, createOriginals, createVersions, Variants } from '../variants/index.ts';
import type { Foundations } from './foundations.ts';

// Each step of a request (src/README.md has them) as a span. Rooms know nothing of it: what they hand each other is followed on
// its way, and where nobody traces they hand each other what it is.

/** What a service is built on. */
export function tracedFoundations<Given extends Foundations>(given: Given, tracing: Tracing | undefined): Given {
  if (tracing === undefined) return given;
  const { originalsStore, variantsStore, renderer } = given;
  return {
    ...given,
    originalsStore: tracedStore('originals', originalsStore, tracing),
    variantsStore: variantsStore && tracedStore('variants', variantsStore, tracing),
    renderer: tracedRenderer(renderer, tracing),
  };
}

function tracedStore(role: string, store: ObjectStore, { step }: Tracing): ObjectStore {
  return {
    ...store,
    head: (...given) => step(`${role} head`, () => store.head(...given)),
    get: (...given) => step(`${role} get`, () => store.get(...given)),
    put: (...given) => step(`${role} put`, () => store.put(...given)),
    delete: (...given) => step(`${role} delete`, () => store.delete(...given)),
  };
}

function tracedRenderer(renderer: Renderer, { step }: Tracing): Renderer {
  return {
    ...renderer,
    render: (...given) => step('render', () => renderer.render(...given)),
    check: (...given) => step('check', () => renderer.check(...given)),
    thumbHash: (...given) => step('decode', () => renderer.thumbHash(...given)),
    faces: (...given) => step('faces', () => renderer.faces(...given)),
  };
}

interface Steps {
  readonly versions: ReturnType<typeof createVersions>;
  readonly originals: ReturnType<typeof createOriginals>;
  readonly admission: ReturnType<typeof createAdmission>;
}

/** What lies between the stores and the pictures. */
export function tracedSteps(steps: Steps, tracing: Tracing | undefined): Steps {
  if (tracing === undefined) return steps;
  const { step } = tracing;
  const { versions, originals, admission } = steps;
  return {
    versions: { ...versions, lookup: (...given) => step('version', () => versions.lookup(...given)) },
    originals: { ...originals, fetch: (...given) => step('fetch', () => originals.fetch(...given)) },
    // From the line to its end, so that what lies before the first of those within it is the wait.
    admission: { ...admission, run: (...given) => step('admission', () => admission.run(...given)) },
  };
}

/** What answers pictures. */
export function tracedVariants(variants: Variants, tracing: Tracing | undefined): Variants {
  if (tracing === undefined) return variants;
  const { step } = tracing;
  return {
    ...variants,
    identify: (...given) => step('identify', () => variants.identify(...given)),
    deliver: (...given) => step('deliver', () => variants.deliver(...given)),
    openOriginal: (...given) => step('open original', () => variants.openOriginal(...given)),
    openDrawing: (...given) => step('open drawing', () => variants.openDrawing(...given)),
    purge: (...given) => step('purge', () => variants.purge(...given)),
  };
}
