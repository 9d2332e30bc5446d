export { createRenderer, type RendererOptions } from './create-renderer.ts';
export type { Facts, Orientation, SourceFormat } from './facts.ts';
export { contentTypeOf, inspect } from './inspect/inspect.ts';
export type { Rendered, Renderer, RenderInput, RenderOptions, RenderTimings } from './renderer.ts';
