import type { Route } from './route.ts';
import { batchRoutes } from './uploads/batches.ts';
import { uploadPreflight } from './uploads/cors.ts';
import { filepondRoutes } from './uploads/filepond.ts';
import { fileRoutes } from './uploads/files.ts';
import { imageRoutes } from './uploads/images.ts';
import type { UploadRoutesOptions } from './uploads/options.ts';
import { uppyRoutes } from './uploads/uppy.ts';

export { isUploadPath, setUploadHeaders } from './uploads/cors.ts';
export type { UploadRoutesOptions } from './uploads/options.ts';

const preflightPaths = ['/-/images', '/-/uploads', '/-/uploads/*'];

/** Everything by which originals come in over HTTP. */
export function uploadRoutes(options: UploadRoutesOptions): readonly Route[] {
  return [
    ...preflightPaths.map((path): Route => ({ methods: ['OPTIONS'], path, guard: 'open', answer: uploadPreflight })),
    ...imageRoutes(options),
    ...fileRoutes(options),
    ...filepondRoutes(options),
    ...uppyRoutes(options, '/-/uploads'),
    ...uppyRoutes(options, '/-/uploads/tickets/:ticket'),
    ...batchRoutes(options),
  ];
}
