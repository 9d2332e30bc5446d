export type { Facts } from './containers/facts.ts';
export { contentTypeOf, formatOf, inspect } from './inspect/inspect.ts';
export { carriesPosition } from './inspect/position.ts';
export { readFaces, writeFaces } from './plan/faces.ts';
export type { RenderInput } from './plan/render-input.ts';
export type { Faces, SecondLook } from './protocol/faces.ts';
export { sightVersion } from './protocol/faces.ts';
export { createRenderer, type RendererOptions } from './renderer/create-renderer.ts';
export { HeldBack, type Rendered, type Renderer } from './renderer/renderer.ts';
