import { createHash } from 'node:crypto';
import { Failure } from '../../failure.ts';
import { sameSecret } from '../../signing.ts';
import type { Parameters } from './sent.ts';

/** What an upload preset says where an upload itself does not. */
export interface UploadPreset {
  readonly folder?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly eager?: readonly string[] | undefined;
  readonly useFilename?: boolean | undefined;
  readonly uniqueFilename?: boolean | undefined;
  readonly allowedFormats?: readonly string[] | undefined;
}

/** By what the API is opened. */
export interface ApiKeys {
  readonly key: string;
  /** Newest first; all verify. */
  readonly secrets: readonly string[];
  /** For whoever signs, beside those that are for everybody. */
  readonly presets: Readonly<Record<string, UploadPreset>>;
  readonly unsignedPresets: Readonly<Record<string, UploadPreset>>;
}

/** Who may do what the parameters say. */
export interface Permission {
  readonly isSigned: boolean;
  /** For the log of acts. */
  readonly who: string;
  readonly preset: UploadPreset;
  /** By this our own words are signed, for clients that verify them. */
  readonly sign: (text: string) => string;
}

/** Seconds for which a signature is good, and by which a client's clock may be ahead. */
const maxAgeSeconds = 3600;

/** What is not signed, since it is the signature's own or is not known before it. */
const unsigned: ReadonlySet<string> = new Set(['file', 'cloud_name', 'resource_type', 'api_key', 'signature']);

/** What may be said without a signature: Cloudinary's own list, as far as there is something here. */
const freeParameters: ReadonlySet<string> = new Set([
  'upload_preset',
  'public_id',
  'public_id_prefix',
  'folder',
  'asset_folder',
  'display_name',
  'filename_override',
  'tags',
  'context',
  'source',
  'resource_type',
  'api_key',
  'cloud_name',
  'timestamp',
]);

/**
 * Who sends these parameters: whoever signed them within the hour, or anybody by the name of a preset that is for everybody.
 * Failures: `unauthorised`; `invalid` for a preset that there is not, and for what may not be said without a signature.
 */
export function permissionOf(parameters: Parameters, keys: ApiKeys, nowMs: number): Permission {
  if (!parameters.has('signature')) return unsignedPermission(parameters, keys);
  const signature = parameters.get('signature') ?? '';
  if (parameters.get('api_key') !== keys.key) throw refused('Unknown API key');
  const text = textToSign(parameters);
  const algorithm = signature.length === 64 ? 'sha256' : 'sha1';
  const isSigned = keys.secrets.filter((secret) =>
    sameSecret(signature.toLowerCase(), digest(text, secret, algorithm)),
  );
  // What was to be signed is not told: it would say nothing that whoever has the secret does not know.
  const [secret] = isSigned;
  if (secret === undefined) throw refused('Invalid Signature');
  const timestamp = parameters.get('timestamp') ?? '';
  const isFresh = /^\d{1,12}$/.test(timestamp) && Math.abs(nowMs / 1000 - Number(timestamp)) <= maxAgeSeconds;
  if (!isFresh) throw refused('Stale request: expected a timestamp of this hour, in seconds since 1970');
  const name = parameters.get('upload_preset');
  const preset = name === undefined ? {} : presetNamed(name, { ...keys.unsignedPresets, ...keys.presets });
  return { isSigned: true, who: `API key ${keys.key}`, preset, sign: (said) => digest(said, secret, algorithm) };
}

function unsignedPermission(parameters: Parameters, { unsignedPresets, secrets: [secret = ''] }: ApiKeys): Permission {
  const name = parameters.get('upload_preset');
  if (name === undefined) throw refused('Upload preset must be specified when using unsigned upload');
  const preset = presetNamed(name, unsignedPresets);
  const other = [...parameters.keys()].find((one) => !freeParameters.has(one));
  if (other !== undefined) {
    throw new Failure('invalid', `${shortened(other)} parameter is not allowed when using unsigned upload.`);
  }
  return { isSigned: false, who: `preset ${name}`, preset, sign: (said) => digest(said, secret, 'sha1') };
}

function presetNamed(name: string, presets: Readonly<Record<string, UploadPreset>>): UploadPreset {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset === undefined) throw new Failure('invalid', 'Upload preset not found');
  return preset;
}

/**
 * The parameters as Cloudinary's SDKs write them to sign them: sorted, without empty ones. An ampersand is escaped, as newer ones
 * do it: of a text without that nobody could tell where one parameter ends, and with one signature say another thing.
 */
function textToSign(parameters: Parameters): string {
  return [...parameters]
    .filter(([name, value]) => !unsigned.has(name) && value !== '')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`.replaceAll('&', '%26'))
    .join('&');
}

function digest(text: string, secret: string, algorithm: 'sha1' | 'sha256'): string {
  return createHash(algorithm)
    .update(text + secret)
    .digest('hex');
}

function refused(message: string): Failure {
  return new Failure('unauthorised', `${message}.`);
}

function shortened(name: string): string {
  return name.slice(0, 100);
}
