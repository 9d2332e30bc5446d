export { createNextLoader, createUnpicTransformer } from './loaders.ts';
export type { Step, StepLayer as LayerSource, StepSize as Size } from './step.ts';
export {
  createUrls,
  type Picture,
  type PictureOptions,
  picture,
  type Signer,
  type SrcsetOptions,
  srcset,
  standardWidths,
  type UrlOptions,
  url,
} from './url.ts';
