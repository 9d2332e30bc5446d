import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { openCdn } from '../../src/cdn/index.ts';
import { type ConfigurationFile, readConfig } from '../../src/config/index.ts';
import { dialectNames } from '../../src/grammar/index.ts';
import { listen } from '../../src/http/index.ts';
import { createService, openFoundations } from '../../src/service/index.ts';
import { createTelemetry } from '../../src/sinks/index.ts';
import { createRemoteStore, withRemote } from '../../src/storage/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { from, paint, quarters } from '../support/pictures.ts';

export interface RunningService {
  readonly url: string;
  /** Where the same pictures lie on another host that may be fetched from. */
  readonly remote: string;
  close(): Promise<void>;
}

/** With which Cloudinary's SDK uploads here. */
export const apiKey = { key: '123456789012345', secret: 'a secret of the tests' };

async function originals(): Promise<ReadonlyMap<string, Buffer>> {
  const sample = await from(quarters(600, 400)).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
  const logo = await from(paint(64, 64, () => [255, 0, 255, 255]))
    .png()
    .toBuffer();
  const avatar = await from(paint(50, 50, () => [20, 40, 60]))
    .png()
    .toBuffer();
  const framed = await sharp(await from(quarters(80, 60)).png().toBuffer())
    .extend({ top: 20, bottom: 20, left: 20, right: 20, background: 'white' })
    .png()
    .toBuffer();
  return new Map([
    ['sample.jpg', sample],
    ['folder/sample.jpg', sample],
    ['a,b&c d.jpg', sample],
    ['logo.png', logo],
    ['folder/logo.png', logo],
    ['avatar.png', avatar],
    ['framed.png', framed],
  ]);
}

/** A host on loopback that is known here as pictures.example. */
async function startRemote(pictures: ReadonlyMap<string, Buffer>) {
  const server = createServer((request, response) => {
    const bytes = pictures.get(decodeURIComponent((request.url ?? '').slice(1)));
    if (bytes === undefined) response.writeHead(404).end();
    else
      response
        .writeHead(200, { ETag: `"${bytes.byteLength}"`, 'Content-Length': bytes.byteLength })
        .end(request.method === 'HEAD' ? undefined : bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { base: `http://pictures.example:${port}`, close: () => server.close() };
}

/** The whole service with real renderers, on loopback, its originals in memory and its variants nowhere. */
export async function startService(more: Partial<ConfigurationFile> = {}): Promise<RunningService> {
  const pictures = await originals();
  const remote = await startRemote(pictures);
  const store = createMemoryStore();
  for (const [key, bytes] of pictures) await store.put(key, bytes);
  const read = readConfig({ FOVEA_VARIANTS: 'none', FOVEA_UNSIGNED: 'any', FOVEA_RENDERERS: '2' });
  const config = {
    ...read,
    // Too short to be set from outside: the clients' documents sign their examples with it.
    signingSecrets: ['b'],
    file: {
      ...read.file,
      accountNames: ['demo'],
      spellings: [...dialectNames],
      fetchHosts: [remote.base],
      cloudinaryApi: {
        ...apiKey,
        secret: [apiKey.secret],
        overwrites: false,
        presets: {},
        unsignedPresets: { web: {} },
      },
      presets: { thumb: 'c_thumb,g_face,h_100,w_100', bw: 'e_grayscale' },
      ...more,
    },
  };
  const telemetry = createTelemetry({ logTo: 1, level: 'silent' });
  const { renderer } = await openFoundations(config, telemetry);
  const originalsStore = withRemote(
    store,
    createRemoteStore({
      hosts: () => config.file.fetchHosts,
      maxBytes: config.maxInputBytes,
      timeoutMs: 5000,
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
      isAllowedAddress: (address) => address === '127.0.0.1',
    }),
  );
  const cdn = await openCdn('none');
  const service = await createService(config, telemetry, { originalsStore, variantsStore: undefined, renderer, cdn });
  const server = await listen(service.app, { port: 0, host: '127.0.0.1' });
  return {
    url: server.url,
    remote: remote.base,
    async close() {
      await server.close();
      await service.close();
      remote.close();
    },
  };
}
