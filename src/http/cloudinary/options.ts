import type { ObjectStore } from '../../storage/index.ts';
import type { LongAddress, Uploads } from '../../uploads/index.ts';
import type { Variants } from '../../variants/index.ts';
import type { ImagesOptions } from '../asked.ts';
import type { AppContext } from '../context.ts';
import type { ApiKeys } from './permission.ts';

/** What opens the API, and what its configuration says of uploads. */
export interface CloudinaryApi extends ApiKeys {
  /** A signed upload that says nothing of it replaces what is there. */
  readonly overwrites: boolean;
  /** The path in the long form by which a picture is answered. */
  readonly address: (key: string, asked: LongAddress) => string;
}

/** What the routes of Cloudinary's API are built on. */
export interface CloudinaryParts {
  readonly api: CloudinaryApi;
  readonly uploads: Pick<Uploads, 'receiveNamed'>;
  readonly variants: Pick<Variants, 'stat' | 'erase' | 'purge' | 'move' | 'identify' | 'deliver'>;
  readonly images: Pick<ImagesOptions, 'grammar' | 'policy'>;
  /** Reads pictures on other hosts, too. */
  readonly originals: Pick<ObjectStore, 'get'>;
  /** Where clients reach us, without a slash at the end; as their request says when undefined. */
  readonly publicUrl: string | undefined;
  /** The address that a request comes from. */
  readonly clientOf: (c: AppContext) => string;
}
