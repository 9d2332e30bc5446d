import { createHash } from 'node:crypto';
import { extensionOf, formatOfExtension, type SourceFormat } from '../../formats.ts';
import type { OriginalState } from '../../variants/index.ts';
import type { AppContext } from '../context.ts';
import type { DeliveryType, Told } from './asked.ts';
import type { CloudinaryParts } from './options.ts';
import type { Permission } from './permission.ts';

/** What is known of a picture's pixels. */
export interface Facts {
  readonly format: SourceFormat;
  readonly width: number;
  readonly height: number;
}

export interface Resource {
  readonly state: OriginalState;
  readonly facts: Facts;
  readonly told: Told;
}

/** A picture as Cloudinary's API tells of one; `more` comes beside it. */
export function shownResource(
  c: AppContext,
  { state, facts, told }: Resource,
  { parts, permission, more = {} }: ShowOptions,
): Readonly<Record<string, unknown>> {
  const { key, bytes, lastModified, etag } = state;
  const { type, tags, context, eager, assetFolder, displayName } = told;
  const publicId = publicIdOf(key);
  const version = Math.floor(lastModified.getTime() / 1000);
  const urls = (transformation: string) => {
    const path = addressIn(c, parts, { key, type, transformation, version });
    const url = originOf(c, parts) + path;
    return { url: url.replace(/^https:/, 'http:'), secure_url: url };
  };
  return {
    asset_id: digest(key),
    public_id: publicId,
    version,
    version_id: digest(`${key}\n${etag}`),
    signature: permission.sign(`public_id=${publicId}&version=${version}`),
    width: facts.width,
    height: facts.height,
    format: extensionOf(facts.format),
    resource_type: 'image',
    created_at: lastModified.toISOString().replace(/\.\d+Z$/, 'Z'),
    tags,
    bytes,
    type,
    etag,
    placeholder: false,
    ...urls(''),
    ...(assetFolder !== undefined && { asset_folder: assetFolder }),
    ...(displayName !== undefined && { display_name: displayName }),
    ...(context !== undefined && { context: { custom: context } }),
    ...(eager.length > 0 && {
      eager: eager.map((transformation) => ({ transformation, ...urls(transformation) })),
    }),
    ...more,
  };
}

interface ShowOptions {
  readonly parts: Pick<CloudinaryParts, 'api' | 'images' | 'publicUrl'>;
  readonly permission: Permission;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Failure `invalid` for a transformation that is none: asked before anything is published. */
export function checkEager(c: AppContext, { eager, type }: Told, parts: ShowOptions['parts']): void {
  for (const transformation of eager) addressIn(c, parts, { key: 'a.jpg', type, transformation, version: 1 });
}

interface Addressed {
  readonly key: string;
  readonly type: DeliveryType;
  readonly transformation: string;
  readonly version: number;
}

function addressIn(
  c: AppContext,
  { api, images }: Pick<CloudinaryParts, 'api' | 'images'>,
  { key, type: delivery, transformation, version }: Addressed,
): string {
  const asked = c.req.param('account') ?? '';
  const account = images.grammar.accountNames.includes(asked) ? asked : undefined;
  return api.address(key, { account, delivery, transformation, version });
}

function originOf(c: AppContext, { publicUrl }: Pick<CloudinaryParts, 'publicUrl'>): string {
  return publicUrl ?? new URL(c.req.url).origin;
}

/** A key without the extension of a picture. */
export function publicIdOf(key: string): string {
  const dot = key.lastIndexOf('.');
  const extension = key.slice(dot + 1).toLowerCase();
  return dot > key.lastIndexOf('/') + 1 && formatOfExtension(extension) !== undefined ? key.slice(0, dot) : key;
}

function digest(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
