import type { Hono } from 'hono';
import type { Environment } from './context.ts';
import { routeBatches } from './uploads/batches.ts';
import { uploadPreflight } from './uploads/cors.ts';
import { routeFilepond } from './uploads/filepond.ts';
import { routeFiles } from './uploads/files.ts';
import { routeImages } from './uploads/images.ts';
import type { UploadRoutesOptions } from './uploads/options.ts';
import { routeUppy } from './uploads/uppy.ts';

export { isUploadPath, setUploadHeaders } from './uploads/cors.ts';
export type { UploadRoutesOptions } from './uploads/options.ts';

/** Everything by which originals come in over HTTP. */
export function addUploadRoutes(app: Hono<Environment>, options: UploadRoutesOptions): void {
  for (const path of ['/-/images', '/-/uploads', '/-/uploads/*']) app.options(path, () => uploadPreflight());
  routeImages(app, options);
  routeFiles(app, options);
  routeFilepond(app, options);
  routeUppy(app, options, '/-/uploads');
  routeUppy(app, options, '/-/uploads/tickets/:ticket');
  routeBatches(app, options);
}
