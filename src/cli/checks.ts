import { randomUUID } from 'node:crypto';
import { Failure, isFailure } from '../failure.ts';
import { mediaTypeOf } from '../formats.ts';
import { imageFormats, negotiate, parseTransformation, stagingPrefix } from '../grammar/index.ts';
import { lackingDecoder } from '../image/index.ts';
import { type ObjectStore, readBody } from '../storage/index.ts';
import { cacheTag } from '../variants/index.ts';
import type { Check } from './check.ts';
import { conditionsCheck } from './conditions-check.ts';
import type { ListedOriginals } from './operations.ts';
import { uploadCheck } from './upload-check.ts';

/** Signed addresses and batches allow for clocks that are a minute apart. */
const maxSkewMs = 60_000;

const storeRemedy =
  'check the location, FOVEA_S3_ENDPOINT, the credentials, and that they may list, get, put and delete';

/** Each store that "originals" lists: what is only read has to answer, and others to take and give back. */
const listedCheck: Check = {
  name: 'listed stores of originals',
  remedy:
    'check "originals" of fovea.json: the location, the region and the credentials of that store; readOnly where they may only read',
  async run(operations, signal) {
    const { listed = [] } = await operations.stores();
    if (listed.length === 0) return { status: 'skipped', detail: 'none: "originals" lists no other stores' };
    for (const one of listed) await checkListed(one, signal);
    const told = listed.map(({ prefix, isReadOnly }) => `${prefix || 'all keys'}${isReadOnly ? ' (only read)' : ''}`);
    return { status: 'ok', detail: `${told.join(', ')}: they answer` };
  },
};

async function checkListed({ prefix, location, isReadOnly, store }: ListedOriginals, signal: AbortSignal) {
  try {
    if (isReadOnly) await store.probe({ signal });
    else await withProbe(store, (key) => roundTrip(store, key, signal));
  } catch (error) {
    if (!isFailure(error)) throw error;
    throw new Failure(error.kind, `${location} (${prefix || 'all keys'}): ${error.message}`, { cause: error.cause });
  }
}

/** In the order in which they help. */
export const checks: readonly Check[] = [
  storeCheck('originals'),
  createOnlyCheck('originals'),
  listedCheck,
  conditionsCheck,
  uploadCheck,
  storeCheck('variants'),
  {
    name: 'clock',
    remedy: storeRemedy,
    async run(operations, signal) {
      const { originals } = await operations.stores();
      return withProbe(originals, async (key) => {
        const before = Date.now();
        await originals.put(key, Buffer.from('clock'), { signal });
        const after = Date.now();
        const stored = (await originals.head(key, { signal }))?.lastModified.getTime() ?? 0;
        // S3 tells whole seconds, cut off.
        const skewMs = Math.max(stored - after, before - 1000 - stored, 0);
        const detail = `at most ${Math.ceil(skewMs / 1000)} s beside the store’s`;
        if (skewMs <= maxSkewMs) return { status: 'ok', detail };
        return { status: 'failed', detail, remedy: 'let NTP set this machine’s clock: signatures depend on it' };
      });
    },
  },
  ...imageFormats.map(renderCheck),
  {
    name: 'decoder of HEIC',
    remedy: 'see the documentation of pictures',
    run: () => {
      const lack = lackingDecoder(mediaTypeOf('heic'));
      if (lack === undefined) return Promise.resolve({ status: 'ok', detail: 'libheif-js is installed' });
      return Promise.resolve({ status: 'skipped', detail: lack.message });
    },
  },
  {
    name: 'cage of the decoders',
    remedy: 'see above: no render process starts',
    async run(operations) {
      const detail = await (await operations.renderer()).cage();
      if (detail.startsWith('bubblewrap')) return { status: 'ok', detail };
      return { status: 'ok', detail, remedy: 'install bubblewrap and allow user namespaces, for a better one' };
    },
  },
  {
    name: 'CDN',
    remedy: 'check FOVEA_CDN, and that its credentials or token may purge; a Varnish has to take PURGE from here',
    async run(operations, signal) {
      const cdn = await operations.cdn();
      if (!cdn.isPresent) return { status: 'skipped', detail: 'FOVEA_CDN names none' };
      const name = randomUUID();
      const [purge] = await cdn.purgeTags([cacheTag(`doctor ${name}`)], { callerReference: name, signal });
      return { status: 'ok', detail: `${purge?.provider ?? 'it'} took a purge: ${purge?.status ?? ''}` };
    },
  },
  {
    name: 'queue',
    remedy: 'check FOVEA_EVENTS_QUEUE, and that the credentials may receive, delete and ask for attributes',
    async run({ countMessages }, signal) {
      if (countMessages === undefined) return { status: 'skipped', detail: 'FOVEA_EVENTS_QUEUE names none' };
      return { status: 'ok', detail: `${await countMessages(signal)} message(s) in it` };
    },
  },
];

function storeCheck(role: 'originals' | 'variants'): Check {
  return {
    name: `store of ${role}`,
    remedy: storeRemedy,
    async run(operations, signal) {
      const store = (await operations.stores())[role];
      if (store === undefined) return { status: 'skipped', detail: 'none: only memory keeps them' };
      return withProbe(store, async (key) => {
        await roundTrip(store, key, signal);
        return { status: 'ok', detail: 'put, head, get, list and delete work, metadata is kept' };
      });
    },
  };
}

async function roundTrip(store: ObjectStore, key: string, signal: AbortSignal): Promise<void> {
  const bytes = Buffer.from(randomUUID());
  const metadata = { 'fovea-doctor': 'round-trip' };
  await store.put(key, bytes, { contentType: 'text/plain', metadata, signal });
  const info = await store.head(key, { signal });
  const object = await store.get(key, { signal });
  if (info === undefined || object === undefined) throw brokenStore('what was put is not there');
  if (!(await readBody(object, { maxBytes: 1000, signal })).equals(bytes)) throw brokenStore('other bytes came back');
  if (info.metadata['fovea-doctor'] !== 'round-trip') throw brokenStore('the metadata was lost');
  if (!(await isListed(store, key, signal))) throw brokenStore('what was put is not listed');
  await store.delete([key], { signal });
  if ((await store.head(key, { signal })) !== undefined) throw brokenStore('what was deleted is still there');
}

async function isListed(store: Pick<ObjectStore, 'list'>, key: string, signal: AbortSignal): Promise<boolean> {
  for await (const found of store.list(key, { signal })) if (found.key === key) return true;
  return false;
}

function createOnlyCheck(role: 'originals' | 'variants'): Check {
  return {
    name: `create-only puts in the store of ${role}`,
    remedy: 'uploads need a store that honours If-None-Match: * (AWS, radosgw since Reef, MinIO, R2), or a folder',
    async run(operations, signal) {
      const store = (await operations.stores())[role];
      if (store === undefined) return { status: 'skipped', detail: 'none: only memory keeps them' };
      return withProbe(store, async (key) => {
        const first = await store.put(key, Buffer.from('first'), { onlyIfAbsent: true, signal });
        const second = await store.put(key, Buffer.from('second'), { onlyIfAbsent: true, signal });
        if (first === undefined) throw brokenStore('the first put was refused');
        if (second !== undefined) throw brokenStore('a second put overwrote the first');
        return { status: 'ok', detail: 'the second put was refused' };
      });
    },
  };
}

/** A PNG of one pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function renderCheck(format: (typeof imageFormats)[number]): Check {
  return {
    name: `render ${format}`,
    remedy: 'run npm ci on this machine, so that sharp fits its processor and C library; check its memory',
    async run(operations, signal) {
      const transform = parseTransformation(`c_scale,w_16,h_16,f_${format}`, operations.settings.grammar);
      const resolved = negotiate(transform, { accept: undefined, foveaAccept: undefined }).transform;
      const renderer = await operations.renderer();
      const input = { original: Buffer.from(pixel, 'base64') };
      const rendered = await renderer.render(input, resolved, { signal, fingerprint: `doctor ${format}` });
      if (rendered.format !== format) throw brokenStore(`${rendered.format} came`);
      return { status: 'ok', detail: `${rendered.bytes.length} bytes in ${Math.round(rendered.timings.renderMs)} ms` };
    },
  };
}

/** Runs with a key that no URL can name, and leaves nothing there; the sweep takes what a broken run leaves. */
async function withProbe<Result>(store: Pick<ObjectStore, 'delete'>, run: (key: string) => Promise<Result>) {
  const key = `${stagingPrefix}doctor-${randomUUID()}`;
  try {
    return await run(key);
  } finally {
    // What the run itself found is the news.
    await store.delete([key]).catch(() => undefined);
  }
}

function brokenStore(how: string): Failure {
  return new Failure('upstream', `It does not do what it should: ${how}.`);
}
