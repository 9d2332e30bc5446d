import { carriesPosition, contentTypeOf } from '../image/index.ts';
import type { ObjectStore } from '../storage/index.ts';
import { isReservedKey } from '../variants/index.ts';
import type { Check, Diagnosis } from './check.ts';
import type { Exposure, Operations } from './operations.ts';

/** Originals whose names are looked at, and of which some are read: a store may hold millions. */
const mostListed = 1_000;
const mostSampled = 50;
/** Of each: cameras write EXIF at the beginning of a JPEG, and other formats are seldom larger. */
const mostBytes = 4 * 1024 * 1024;
/** Milliseconds: what has not been read by then is not in the sample. */
const sampleMs = 10_000;

/** What is open to whom, as the outside sees it: nothing of it is wrong, so none of it fails. */
export const exposureChecks: readonly Check[] = [
  told('unsigned URLs', ({ exposure }) => unsignedUrls(exposure)),
  told('protected folders', ({ exposure: { protected: folders } }) => {
    const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));
    return info(
      `private (the original needs a signature): ${list(folders.private)}; authenticated (all does): ${list(folders.authenticated)}`,
    );
  }),
  told('signed URLs', ({ signingSecrets }) =>
    info(
      signingSecrets.length === 0
        ? 'none: FOVEA_SIGNING_SECRETS names no secret'
        : `whoever has one of ${signingSecrets.length} secret(s) makes URLs that may ask for everything`,
    ),
  ),
  told('dialects', ({ grammar: { dialects, dialectPrefixes } }) =>
    info(
      dialects.length === 0
        ? 'no other program’s URLs are read'
        : `URLs of ${dialects.map((name) => `${name}${belowPrefix(dialectPrefixes[name])}`).join(', ')} are read`,
    ),
  ),
  told('secrets of other programs', ({ dialectSecrets }) => secretsOfOthers(dialectSecrets)),
  {
    name: 'positions in originals',
    remedy: 'check the store of originals',
    async run(operations, signal) {
      try {
        return await lookForPositions(operations, signal);
      } catch {
        // Whether the store works is another check's to say.
        return { status: 'skipped', detail: 'the originals could not be read' };
      }
    },
  },
  told('other files', ({ exposure: { otherOriginals } }) =>
    info(
      otherOriginals.length === 0
        ? 'none: only pictures are sent'
        : `${otherOriginals.join(', ')} in the store of originals are sent as they are to whoever may see originals`,
    ),
  ),
  told('SVG', ({ exposure: { sendsSvg } }) =>
    info(sendsSvg ? 'sent as it is, but for what could run in it' : 'drawn as pixels; none is sent as it is'),
  ),
  told('pictures of other hosts', ({ grammar: { fetchHosts } }) =>
    info(fetchHosts.length === 0 ? 'none are fetched' : `fetched from ${fetchHosts.join(', ')} for whoever asks`),
  ),
  told('old host', ({ oldHost }) =>
    info(
      oldHost === undefined
        ? 'none: what is not in the store of originals is not there'
        : `originals ${oldHost.prefix === '' ? '' : `below ${oldHost.prefix} `}that are not in the store are moved from ${oldHost.url} when somebody asks for them`,
    ),
  ),
  told('uploads, purges and metrics', ({ exposure }) => adminRoutes(exposure)),
  told('API of Cloudinary', ({ exposure: { unsignedPresets } }) => cloudinaryApi(unsignedPresets)),
  told('health and readiness', () =>
    info(
      '/-/health and /-/ready and /-/openapi.json and /-/playground and /-/demo answer everybody, and tell nothing else',
    ),
  ),
  told('proxies', ({ exposure: { trustedProxies } }) =>
    info(
      trustedProxies.length === 0
        ? 'none is trusted: whoever connects counts as the client, and x-fovea-accept is passed over'
        : `${trustedProxies.join(', ')} say who asks and what is accepted`,
    ),
  ),
];

/** Whoever tries them all needs years with so many bytes. */
const soundSecretBytes = 16;

function belowPrefix(prefix: string | undefined): string {
  return prefix === undefined ? '' : ` (below /${prefix})`;
}

function secretsOfOthers(secrets: Operations['settings']['dialectSecrets']): Diagnosis {
  if (secrets.length === 0) return info('none: dialectSecrets names none');
  const detail = secrets.map(({ dialect, bytes }) => `${dialect} (${bytes} bytes)`).join(', ');
  const short = secrets.filter(({ bytes }) => bytes < soundSecretBytes);
  if (short.length === 0) return info(`${detail}; URLs of these dialects need a signature, but for Cloudinary's`);
  const remedy = `give ${[...new Set(short.map(({ dialect }) => dialect))].join(', ')} at least ${soundSecretBytes} bytes when its URLs are signed anew`;
  return { status: 'warning', detail: `${detail}: short ones may be guessed`, remedy };
}

function cloudinaryApi(unsignedPresets: Exposure['unsignedPresets']): Diagnosis {
  if (unsignedPresets === undefined) return info('closed: cloudinaryApi is not set');
  if (unsignedPresets.length === 0)
    return info('open to whoever signs with its secret: they upload, replace and delete');
  const detail = `whoever knows a name among ${unsignedPresets.join(', ')} uploads new pictures, as many as they like; whoever signs replaces and deletes`;
  return info(detail);
}

const info = (detail: string): Diagnosis => ({ status: 'info', detail });

/** A line from the configuration alone. */
function told(name: string, tell: (settings: Operations['settings']) => Diagnosis): Check {
  return { name, remedy: '', run: async ({ settings }) => tell(settings) };
}

function unsignedUrls(exposure: Exposure): Diagnosis {
  const { unsigned, unsignedForwarded, isReached, reachedAt } = exposure;
  const detail = mayAsk(unsigned, exposure);
  if (unsignedForwarded === 'any' && isReached) {
    const remedy = 'set FOVEA_UNSIGNED to ladder, presets or none, unless only your own programs reach it';
    return { status: 'warning', detail: `FOVEA_UNSIGNED=any, reached at ${reachedAt}: ${detail}`, remedy };
  }
  if (unsignedForwarded === unsigned) return info(`FOVEA_UNSIGNED=${unsigned}: ${detail}`);
  return info(
    `nobody has said: from this machine ${detail}; for what somebody else passes on ${mayAsk(unsignedForwarded, exposure)}; a proxy that adds no header cannot be told from this machine: set FOVEA_UNSIGNED behind one`,
  );
}

function mayAsk(policy: Exposure['unsigned'], { ladderWidths, presets, maxVariantsPerOriginal }: Exposure): string {
  switch (policy) {
    case 'any':
      return `every transformation, up to ${maxVariantsPerOriginal} variants of an original, and originals as they are`;
    case 'ladder':
      return `${ladderWidths} widths, a closed list of values, the presets (${presets}), up to ${maxVariantsPerOriginal} variants of an original beside those, and originals as they are`;
    case 'presets':
      return `the presets (${presets}) with a format and q_auto, and no original as it is`;
    case 'none':
      return 'nothing';
  }
}

function adminRoutes({ adminToken, isLoopback, issuers }: Exposure): Diagnosis {
  if (adminToken === 'none') return info('closed: there is no FOVEA_ADMIN_TOKEN');
  const signers = issuers === 0 ? '' : ` or one of ${issuers} key(s) for tickets signs`;
  const detail = `with the admin token; uploads with a ticket too, which the admin token gives out${signers}`;
  if (adminToken === 'given') return info(detail);
  const made = `${detail}; the token is made at each start and shown on the terminal`;
  if (isLoopback) return info(made);
  return { status: 'warning', detail: made, remedy: 'set FOVEA_ADMIN_TOKEN' };
}

/** Phones write where a photograph was taken; variants never say it, originals do. */
async function lookForPositions(operations: Operations, signal: AbortSignal): Promise<Diagnosis> {
  const { unsigned, isOriginalOpen } = operations.settings.exposure;
  if (unsigned === 'none' || unsigned === 'presets') return info(`${unsigned}: originals as they are need a signature`);
  const { originals } = await operations.stores();
  const { looked, found } = await sample(originals, isOriginalOpen, signal);
  const detail = `${found} of ${looked} sampled originals tell where they were taken, and are public under ${unsigned}`;
  if (found === 0) return info(detail);
  const remedy = 'name their folders in protected.private, so that only variants are public: those never tell it';
  return { status: 'warning', detail, remedy };
}

async function sample(store: ObjectStore, isOpen: (key: string) => boolean, signal: AbortSignal) {
  const began = performance.now();
  let [looked, found] = [0, 0];
  for (const key of sampleOf(await firstKeys(store, isOpen, signal))) {
    if (performance.now() - began > sampleMs) break;
    const bytes = await beginningOf(store, key, signal);
    if (bytes === undefined || contentTypeOf(bytes) === undefined) continue;
    looked += 1;
    if (carriesPosition(bytes)) found += 1;
  }
  return { looked, found };
}

async function firstKeys(store: ObjectStore, isOpen: (key: string) => boolean, signal: AbortSignal) {
  const keys: string[] = [];
  let listed = 0;
  for await (const { key } of store.list('', { signal })) {
    if (!isReservedKey(key) && isOpen(key)) keys.push(key);
    listed += 1;
    if (listed >= mostListed) break;
  }
  return keys;
}

/** Every so many of them. */
function sampleOf(keys: readonly string[]): readonly string[] {
  const step = Math.max(1, keys.length / mostSampled);
  return Array.from({ length: Math.min(keys.length, mostSampled) }, (_, index) => keys[Math.floor(index * step)] ?? '');
}

async function beginningOf(store: ObjectStore, key: string, signal: AbortSignal): Promise<Buffer | undefined> {
  const object = await store.get(key, { signal });
  if (object === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop ends the stream.
  for await (const chunk of object.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length >= mostBytes) break;
  }
  return Buffer.concat(chunks);
}
