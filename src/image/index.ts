export { createRenderer, type RendererOptions } from './create-renderer.ts';
export type { Facts, Orientation, SourceFormat } from './facts.ts';
export { contentTypeOf, inspect } from './inspect/inspect.ts';
export { carriesPosition } from './metadata/position.ts';
export {
  HeldBack,
  type Rendered,
  type Renderer,
  type RenderInput,
  type RenderOptions,
  type RenderTimings,
} from './renderer.ts';
