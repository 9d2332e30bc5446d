import type { CloudinaryOptions } from '../http/index.ts';
import { createLongAddresses } from '../uploads/index.ts';
import type { Configured } from './rooms.ts';

/** Cloudinary's API as the file opens it; undefined where it does not. */
export function cloudinaryOf(
  { config: { file }, settings }: Configured,
  rooms: Pick<CloudinaryOptions, 'uploads' | 'originals'>,
): CloudinaryOptions | undefined {
  if (file.cloudinaryApi === undefined) return undefined;
  const { secret: secrets, ...opened } = file.cloudinaryApi;
  const api = { ...opened, secrets, address: createLongAddresses(settings.addresses) };
  return { ...rooms, api, publicUrl: file.publicUrl };
}
