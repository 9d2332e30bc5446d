import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defaultLadder, dialectsIn, environmentVariables, readConfig } from '../src/config/index.ts';
import { isFailure } from '../src/failure.ts';

const secret = 'a secret that has 32 bytes: enough';
const older = 'an older one which has 32 bytes too';

type Environment = Readonly<Record<string, string | undefined>>;

/** The message that an environment is refused with. */
function refusal(environment: Environment): string {
  try {
    readConfig(environment);
  } catch (error) {
    if (isFailure(error, 'invalid')) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

/** The path of a configuration file with this content, gone when the test is. */
function configurationFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'fovea.json');
  writeFileSync(path, content);
  return path;
}

describe('an empty environment', () => {
  it('gives the embedded default, on loopback', () => {
    expect(readConfig({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      originals: 'file:./data/originals',
      variants: 'file:./data/variants',
      s3Endpoint: undefined,
      s3Addressing: 'path',
      s3UploadMethod: 'POST',
      variantsMaxBytes: undefined,
      fsync: 'none',
      originalsRegion: undefined,
      variantsRegion: undefined,
      originalsStorageClass: undefined,
      variantsStorageClass: undefined,
      s3Encryption: undefined,
      httpsProxy: undefined,
      noProxy: [],
      s3PublicEndpoint: undefined,
      instances: 'one',
      memoryBytes: 256 * 1024 * 1024,
      renderers: availableParallelism(),
      queueMax: 64,
      renderTimeoutMs: 10_000,
      avifWaitMs: 2_500,
      renderMemoryBytes: Math.max(1024, 512 * availableParallelism()) * 1024 * 1024,
      drainMs: 3_000,
      keepAliveMs: 65_000,
      logLevel: 'info',
      logFormat: undefined,
      logHealth: 'changes',
      logsVisitors: true,
      maxInputBytes: 50 * 1024 * 1024,
      maxInputPixels: 50_000_000,
      maxOutputSide: 8192,
      maxOutputPixels: 40_000_000,
      unsigned: 'any',
      isReached: false,
      trustedProxies: [],
      signingSecrets: [],
      adminToken: undefined,
      ticketSecrets: [],
      originalTtlMs: 60_000,
      cacheControl: 'public, max-age=31536000, immutable',
      cdn: 'none',
      cloudflareToken: undefined,
      eventsQueue: undefined,
      sqsEndpoint: undefined,
      file: {
        presets: {},
        ladder: { widths: defaultLadder, snap: false },
        aliases: {},
        extensions: ['jpg', 'jpeg', 'png', 'webp', 'avif', 'gif'],
        accountNames: [],
        defaultCrop: 'fill',
        dialects: [],
        sources: {},
        dialectSecrets: {},
        fetchHosts: [],
        originals: [],
        otherOriginals: [],
        sendSvg: false,
        clientHints: false,
        keepAiMark: true,
        signatureLength: 8,
        maxVariantsPerOriginal: 500,
        protected: { private: [], authenticated: [] },
        warm: [],
        uploadOrigins: [],
        ticketKeys: [],
        ticketAudience: 'fovea',
      },
    });
  });

  it('is the same as one whose variables are all empty, as compose files leave them', () => {
    const empty = Object.fromEntries(Object.keys(environmentVariables).map((name) => [name, '']));
    expect(readConfig(empty)).toEqual(readConfig({}));
  });
});

describe('a given value', () => {
  it.each([
    [{ FOVEA_ORIGINALS: 's3://pictures' }, { originals: 's3://pictures' }],
    [{ FOVEA_ORIGINALS: 's3://pictures/in/here' }, { originals: 's3://pictures/in/here' }],
    [{ FOVEA_VARIANTS: 'none' }, { variants: 'none' }],
    [{ FOVEA_S3_ENDPOINT: 'http://127.0.0.1:9000' }, { s3Endpoint: 'http://127.0.0.1:9000' }],
    [{ FOVEA_S3_ENCRYPTION: 's3' }, { s3Encryption: { by: 's3' } }],
    [{ FOVEA_S3_ENCRYPTION: 'kms' }, { s3Encryption: { by: 'kms' } }],
    [{ FOVEA_S3_ENCRYPTION: 'kms:alias/pictures' }, { s3Encryption: { by: 'kms', key: 'alias/pictures' } }],
    [{ FOVEA_VARIANTS_STORAGE_CLASS: 'ONEZONE_IA' }, { variantsStorageClass: 'ONEZONE_IA' }],
    [{ FOVEA_ORIGINALS_REGION: 'eu-central-1' }, { originalsRegion: 'eu-central-1' }],
    [{ HTTPS_PROXY: 'http://proxy:3128' }, { httpsProxy: 'http://proxy:3128' }],
    [{ HTTPS_PROXY: 'http://a:1', https_proxy: 'b:2', no_proxy: 'x, .y z' }, { httpsProxy: 'http://b:2' }],
    [{ no_proxy: 'x, .y z' }, { noProxy: ['x', '.y', 'z'] }],
    [{ FOVEA_MEMORY_MB: '1' }, { memoryBytes: 1_048_576 }],
    [{ FOVEA_QUEUE_MAX: '0' }, { queueMax: 0 }],
    [{ FOVEA_MAX_INPUT_MB: '20' }, { maxInputBytes: 20_971_520 }],
    [{ FOVEA_MAX_INPUT_MEGAPIXELS: '24' }, { maxInputPixels: 24_000_000 }],
    [{ FOVEA_ORIGINAL_TTL: '5' }, { originalTtlMs: 5000 }],
    [{ FOVEA_SIGNING_SECRETS: `${secret},${older}` }, { signingSecrets: [secret, older] }],
    [{ FOVEA_TRUSTED_PROXIES: '10.0.0.0/8, ::1' }, { trustedProxies: ['10.0.0.0/8', '::1'] }],
    [{ FOVEA_TRUSTED_PROXIES: 'lambda' }, { trustedProxies: ['lambda'] }],
    [{ FOVEA_SIGNING_SECRETS: '€₩₽₹₪₫₴₵₦₱₲' }, { signingSecrets: ['€₩₽₹₪₫₴₵₦₱₲'] }],
    [{ FOVEA_ADMIN_TOKEN: 'sixteen-letters!' }, { adminToken: 'sixteen-letters!' }],
    [{ FOVEA_CDN: 'cloudfront:E123ABC' }, { cdn: 'cloudfront:E123ABC' }],
    [{ PATH: '/bin', HOME: '/root' }, {}],
  ])('%j is taken', (environment: Environment, expected) => {
    expect(readConfig(environment)).toMatchObject(expected);
  });

  it.each([
    ['PORT', 'http', 'expected a whole number'],
    ['PORT', '65536', 'expected at most 65535'],
    ['PORT', ' ', 'expected a whole number'],
    ['FOVEA_MEMORY_MB', '1e3', 'expected a whole number'],
    ['FOVEA_MEMORY_MB', '1.5', 'expected a whole number'],
    ['FOVEA_MEMORY_MB', '0', 'expected at least 1'],
    ['FOVEA_RENDERERS', '-1', 'expected a whole number'],
    ['FOVEA_RENDER_TIMEOUT_MS', '10', 'expected at least 50'],
    ['FOVEA_ORIGINALS', 'none', 'expected file:DIR or s3://bucket/prefix'],
    ['FOVEA_ORIGINALS', 's3://Upper_Case', 'expected file:DIR or s3://bucket/prefix'],
    ['FOVEA_ORIGINALS', 'file:', 'expected file:DIR or s3://bucket/prefix'],
    ['FOVEA_VARIANTS', './data', 'expected file:DIR, s3://bucket/prefix or none, as in file:./data'],
    ['FOVEA_ORIGINALS', '/srv/pictures', 'expected file:DIR or s3://bucket/prefix, as in file:/srv/pictures'],
    ['FOVEA_S3_ENDPOINT', 'localhost:9000', 'expected an http(s) URL'],
    ['FOVEA_FSYNC', 'yes', 'expected none, originals or all'],
    ['FOVEA_VARIANTS_MAX_MB', '0', 'expected at least 1'],
    ['FOVEA_S3_ENCRYPTION', 'aes', 'expected s3, kms or kms:KEY'],
    ['FOVEA_ORIGINALS_STORAGE_CLASS', 'GLACIER', 'expected a class that is read at once, as GLACIER_IR is'],
    ['FOVEA_VARIANTS_REGION', 'eu central', 'expected a region, as in eu-central-1'],
    ['FOVEA_UNSIGNED', 'all', 'expected any, ladder, presets or none'],
    ['FOVEA_TRUSTED_PROXIES', '10.0.0.0/8,proxy.internal', 'expected addresses and CIDR ranges, as in 10.0.0.0/8,::1'],
    ['FOVEA_TRUSTED_PROXIES', '10/8', 'expected addresses and CIDR ranges, as in 10.0.0.0/8,::1'],
    ['FOVEA_TRUSTED_PROXIES', '10.0.0.0/33', 'expected addresses and CIDR ranges, as in 10.0.0.0/8,::1'],
    ['FOVEA_TRUSTED_PROXIES', '10.0.0.0/8,', 'expected addresses and CIDR ranges, as in 10.0.0.0/8,::1'],
    ['FOVEA_TRUSTED_PROXIES', '::/0', 'expected no range of everybody: they could say that they are another'],
    ['FOVEA_TRUSTED_PROXIES', '::ffff:10.0.0.0/104', 'expected IPv4 ranges as four numbers'],
    [
      'FOVEA_CDN',
      'fastly:1',
      'expected none, cloudfront:ID (capitals and digits), cloudflare:ZONE (its id: digits and a to f) or varnish:URL',
    ],
    ['FOVEA_CACHE_CONTROL', 'public\r\nX: y', 'expected printable ASCII'],
  ])('%s=%j is refused: what, what was expected, what came', (name, value, expected) => {
    expect(refusal({ [name]: value })).toContain(`${name}: ${expected}; came ${JSON.stringify(value)}`);
  });
});

describe('sizes that nobody has said', () => {
  const sizes = (cores: number, megabytes: number, environment: Environment = {}) => {
    const machine = { cores, memoryBytes: megabytes * 1024 * 1024 };
    const { renderers, renderMemoryBytes, memoryBytes } = readConfig(environment, machine);
    return [renderers, renderMemoryBytes / 1024 / 1024, memoryBytes / 1024 / 1024];
  };

  it.each([
    ['two cores and room', 2, 8192, [2, 1024, 256]],
    ['32 cores and 1.5 GiB', 32, 1536, [4, 1088, 192]],
    ['one core and 512 MB', 1, 512, [1, 256, 64]],
    ['more cores than a pool may have', 512, 1_048_576, [256, 131_072, 256]],
  ])('fit %s', (_, cores, megabytes, expected) => {
    expect(sizes(cores, megabytes)).toEqual(expected);
  });

  it('fit beside what was said, and are not refused for it', () => {
    expect(sizes(32, 65_536, { FOVEA_RENDER_MEMORY_MB: '320' })).toEqual([2, 320, 256]);
    expect(sizes(2, 512, { FOVEA_RENDERERS: '8' })).toEqual([8, 1280, 64]);
  });
});

describe('what a cluster injects', () => {
  const injected = {
    FOVEA_PORT: 'tcp://10.96.0.17:3000',
    FOVEA_SERVICE_HOST: '10.96.0.17',
    FOVEA_SERVICE_PORT: '3000',
    FOVEA_SERVICE_PORT_HTTP: '3000',
    FOVEA_PORT_3000_TCP: 'tcp://10.96.0.17:3000',
    FOVEA_PORT_3000_TCP_PROTO: 'tcp',
    FOVEA_PORT_3000_TCP_PORT: '3000',
    FOVEA_PORT_3000_TCP_ADDR: '10.96.0.17',
    FOVEA_ANYTHING_PORT: 'tcp://[fd00::17]:80',
    FOVEA_ANYTHING_SERVICE_HOST: 'fd00::17',
    FOVEA_ANYTHING_PORT_80_TCP_ADDR: 'fd00::17',
    FOVEA_DNS_PORT_53_UDP: 'udp://10.96.0.18:53',
    FOVEA_DNS_PORT_53_UDP_PROTO: 'udp',
    FOVEA_NAME: '/web/fovea',
  };

  it('for a Service called fovea, or fovea-anything, and for a link of Docker’s is not ours', () => {
    expect(readConfig(injected)).toEqual(readConfig({}));
  });

  it.each(Object.keys(injected))('but %s with another value is a slip', (name) => {
    expect(refusal({ ...injected, [name]: 'lots' })).toContain(`${name}: no such variable`);
  });

  it.each([
    ['FOVEA_PROT', 'tcp://10.96.0.17:3000', 'FOVEA_PROT: no such variable; did you mean PORT?'],
    ['FOVEA_PORT', '3000', 'FOVEA_PORT: no such variable; did you mean PORT?'],
    ['FOVEA_RENDERS', '3', 'did you mean FOVEA_RENDERERS?'],
    ['FOVEA_FOOTER', '1', 'FOVEA_FOOTER: no such variable; see'],
  ])('and %s=%s is refused', (name, value, complaint) => {
    expect(refusal({ [name]: value })).toContain(complaint);
  });
});

describe('problems', () => {
  it('are reported all together, a line each', () => {
    const path = configurationFile('{"presets": {"bad.name": "w_1"}, "ladder": {"widths": []}}');
    const message = refusal({ PORT: 'x', FOVEA_RENDERERS: '0', FOVEA_UNSIGED: 'any', FOVEA_CONFIG: path });
    const [head, ...lines] = message.split('\n');
    expect(head).toBe('The configuration has 5 problem(s):');
    expect(lines).toHaveLength(5);
    for (const start of ['PORT:', 'FOVEA_RENDERERS:', 'FOVEA_UNSIGED: no such variable', 'FOVEA_CONFIG:']) {
      expect(lines.some((line) => line.trim().startsWith(start))).toBe(true);
    }
  });

  it('of the environment, of each key of the file, of what keys and variables say together: none hides another', () => {
    const file = {
      presets: { card: 'w_lots', fine: 'w_9' },
      aliases: { '/old/:key': 'nonsense' },
      ladder: { widths: [0] },
      ladders: {},
      warm: ['nowhere'],
    };
    const message = refusal({
      PORT: 'x',
      FOVEA_UNSIGNED: 'none',
      FOVEA_CDN: 'cloudflare:0123abc',
      FOVEA_RENDERERS: '2',
      FOVEA_RENDER_MEMORY_MB: '100',
      FOVEA_CONFIG: configurationFile(JSON.stringify(file)),
    });
    const lines = message.split('\n').slice(1);
    for (const start of [
      ...['PORT: ', 'FOVEA_UNSIGNED: none refuses', 'FOVEA_CDN: cloudflare needs', 'FOVEA_RENDER_MEMORY_MB: expected'],
      ...['FOVEA_CONFIG: .*: ladder.widths.0: ', 'FOVEA_CONFIG: .*: there is no "ladders"; did you mean ladder?'],
      ...['FOVEA_CONFIG: presets.card: ', 'FOVEA_CONFIG: aliases./old/:key: ', 'FOVEA_CONFIG: warm: "nowhere"'],
    ]) {
      const begins = new RegExp(`^ +${start.replaceAll('?', '\\?')}`);
      expect(
        lines.filter((line) => begins.test(line)),
        start,
      ).toHaveLength(1);
    }
    expect(lines).toHaveLength(9);
  });

  it('are not made of what was refused already', () => {
    const message = refusal({ FOVEA_UNSIGNED: 'none', FOVEA_SIGNING_SECRETS: 'short', FOVEA_RENDERERS: '999' });
    expect(message.split('\n')).toHaveLength(3);
  });

  it.each<[object, string]>([
    [{ preset: {} }, 'the whole file: there is no "preset"; did you mean presets?; expected presets, ladder, '],
    [{ ladder: { width: [1] } }, 'ladder: there is no "width"; did you mean widths?; expected widths, snap'],
    [{ protected: { public: [] } }, 'protected: there is no "public"; expected private, authenticated'],
    [{ dialects: ['vercel', { name: 'query', prefx: 'x/' }] }, 'dialects.1: there is no "prefx"; did you mean prefix?'],
    [
      { dialectSecrets: { imgix: { kye: 'a' } } },
      'dialectSecrets.imgix: there is no "kye"; did you mean key?; expected key',
    ],
    [{ dialectSecrets: { thumbor: [{ kye: 'a' }] } }, 'dialectSecrets.thumbor.0: there is no "kye"; did you mean key?'],
    [{ dialectSecrets: { imgix: 'a' } }, 'dialectSecrets.imgix: expected an object with its parts, or a list of such'],
    [{ presets: { 'a/b': 'w_1' } }, 'presets.a/b: a preset name has letters, digits, _, - and blanks'],
    [{ extensions: ['.jpg'] }, 'extensions.0: expected extensions without a dot, such as "jpg"'],
    [
      { originals: [{ prefix: 'shop/', store: '/mnt/shop' }] },
      'originals.0.store: expected file:DIR or s3://bucket/prefix, as in file:/mnt/shop',
    ],
    [{ originals: [{ prefix: '', store: 'S3://Upper_Case' }] }, 'originals.0.store: expected file:DIR or s3://bucket/'],
    [{ accountNames: ['a/b'] }, 'accountNames.0: expected letters, digits, - and _'],
    [
      { presets: { avatar: 'w_9' }, warm: ['card'] },
      'warm: "card" is neither a preset, of which there are avatar, nor a transformation: ',
    ],
    [{ warm: ['card'] }, 'warm: "card" is neither a preset, of which there is none, nor a transformation'],
  ])('in the file %j say what was expected', (file, expected) => {
    expect(refusal({ FOVEA_CONFIG: configurationFile(JSON.stringify(file)) })).toContain(expected);
  });

  it('name the variable that was probably meant, and the whole limit at once', () => {
    expect(refusal({ FOVEA_RENDERS: '3' })).toContain('FOVEA_RENDERS: no such variable; did you mean FOVEA_RENDERERS?');
    expect(refusal({ FOVEA_RENDERERS: '1', FOVEA_RENDER_MEMORY_MB: '100' })).toContain('expected at least 256, which');
    expect(refusal({ FOVEA_RENDERERS: '2', FOVEA_RENDER_MEMORY_MB: '100' })).toContain('expected at least 320, which');
  });

  it.each(['aaaaaaaaaaaaaaaa', 'adminadminadminadmin', 'changemechangeme', '12345678123456781', 'passwordpassword'])(
    'refuse %s as a token or a secret: whoever guesses tries it first',
    (repeated) => {
      const secrets = `${secret},${repeated.repeat(3)}`;
      const message = refusal({ FOVEA_ADMIN_TOKEN: repeated, FOVEA_SIGNING_SECRETS: secrets });
      expect(message).toContain('FOVEA_ADMIN_TOKEN: a few characters over and over are soon guessed');
      if (repeated !== '12345678123456781') {
        expect(message).toContain(
          'FOVEA_SIGNING_SECRETS: expected at least 32 bytes, but number 2 of 2 is a few characters',
        );
      }
      expect(message).not.toContain(repeated);
    },
  );

  it('never show a secret, whatever is wrong', () => {
    const path = configurationFile('{');
    const message = refusal({
      FOVEA_ADMIN_TOKEN: 'too-short-1',
      FOVEA_SIGNING_SECRETS: 'signing-secret-1',
      FOVEA_SIGNING_SECRET: 'misspelt-secret-1',
      FOVEA_CONFIG: path,
      AWS_SECRET_ACCESS_KEY: 'aws-secret-1',
      CLOUDFLARE_API_TOKEN: 'cloudflare-secret-1',
      PORT: 'x',
    });
    expect(message).toContain('FOVEA_ADMIN_TOKEN: expected at least 16 characters');
    expect(message).toContain('FOVEA_SIGNING_SECRET: no such variable');
    expect(message).toContain('FOVEA_SIGNING_SECRETS: expected at least 32 bytes, but number 1 of 1 has 16;');
    for (const secret of [
      'too-short-1',
      'signing-secret-1',
      'misspelt-secret-1',
      'aws-secret-1',
      'cloudflare-secret',
    ]) {
      expect(message).not.toContain(secret);
    }
  });

  it('say which of several secrets are too short, each on a line of its own', () => {
    const message = refusal({ FOVEA_SIGNING_SECRETS: `x,${secret},${'y'.repeat(31)}` });
    expect(message.split('\n').slice(1)).toEqual([
      expect.stringContaining('number 1 of 3 has 1; fovea sign --new-secret prints one'),
      expect.stringContaining('number 3 of 3 has 31;'),
    ]);
    expect(message).not.toContain('yyy');
  });

  it('include a Cloudflare zone without a token, and a warm preset that is not there', () => {
    expect(refusal({ FOVEA_CDN: 'cloudflare:0123abc' })).toContain('FOVEA_CDN: cloudflare needs CLOUDFLARE_API_TOKEN');
    const given = readConfig({ FOVEA_CDN: 'cloudflare:0123abc', CLOUDFLARE_API_TOKEN: 't' });
    expect(given).toMatchObject({ cdn: 'cloudflare:0123abc', cloudflareToken: 't' });
    const path = configurationFile('{"presets": {"card": "w_1"}, "warm": ["card", "t_card/f_auto", "page"]}');
    expect(refusal({ FOVEA_CONFIG: path })).toMatch(/1 problem.*\n.*"page"/);
  });

  it('include settings that together refuse every URL', () => {
    expect(refusal({ FOVEA_UNSIGNED: 'none' })).toContain('FOVEA_UNSIGNED: none refuses every URL');
    expect(refusal({ FOVEA_UNSIGNED: 'presets' })).toContain('FOVEA_UNSIGNED: presets refuses every URL');
    expect(readConfig({ FOVEA_UNSIGNED: 'none', FOVEA_SIGNING_SECRETS: secret }).unsigned).toBe('none');
  });
});

describe('the configuration file', () => {
  it('is completed with the defaults', () => {
    const path = configurationFile('{"presets": {"thumb": "c_fill,w_128,h_128"}, "defaultCrop": "limit"}');
    expect(readConfig({ FOVEA_CONFIG: path }).file).toMatchObject({
      presets: { thumb: 'c_fill,w_128,h_128' },
      defaultCrop: 'limit',
      ladder: { widths: defaultLadder, snap: false },
    });
  });

  it('may have comments, commas at ends, a mark of its byte order and the name of its schema', () => {
    const text = `\uFEFF// Ours.
    {
      "$schema": "./fovea.schema.json", /* for
      editors */
      "presets": { "card": "c_fill,w_9,h_9", }, // "not": "said"
      "fetchHosts": ["https://a.example",],
    }`;
    const { file } = readConfig({ FOVEA_CONFIG: configurationFile(text) });
    expect(file).toMatchObject({ presets: { card: 'c_fill,w_9,h_9' }, fetchHosts: ['https://a.example'] });
    expect(file).not.toHaveProperty('$schema');
    expect(refusal({ FOVEA_CONFIG: configurationFile('{ /* "presets": {} }') })).toMatch(/not readable JSON/);
  });

  it.each([
    ['{"preset": {}}', /there is no "preset"/],
    ['[]', /the whole file/],
    ['{"ladder": {"widths": [0.5]}}', /ladder\.widths\.0/],
    ['{"extensions": [".jpg"]}', /extensions\.0/],
    ['{"defaultCrop": "thumb"}', /defaultCrop/],
    ['{"aliases": {"old": "w_1"}}', /aliases\.old/],
    ['not JSON', /not readable JSON/],
  ])('is refused when it says %s', (content, complaint) => {
    expect(refusal({ FOVEA_CONFIG: configurationFile(content) })).toMatch(complaint);
  });

  it('is refused with the line and column that an editor shows where it is no JSON', () => {
    const text = '// Ours.\n{\n  "presets": { "card": "c_fill,w_640\n}';
    expect(refusal({ FOVEA_CONFIG: configurationFile(text) })).toMatch(/line 3 column 37/);
  });

  it('must be there when it is named, and be a file', () => {
    expect(refusal({ FOVEA_CONFIG: '/nowhere/fovea.json' })).toContain(
      'FOVEA_CONFIG: /nowhere/fovea.json is not there',
    );
    expect(refusal({ FOVEA_CONFIG: tmpdir() })).toContain('cannot be read (EISDIR)');
  });
});

describe('dialects', () => {
  const read = (file: object) => readConfig({ FOVEA_CONFIG: configurationFile(JSON.stringify(file)) }).file;
  const refused = (file: object) => refusal({ FOVEA_CONFIG: configurationFile(JSON.stringify(file)) });

  it('are the usual ones, or those of spellings, and what is added to them', () => {
    const usual = ['ipx', 'cloudflare', 'next'];
    expect(dialectsIn(read({})).dialects).toEqual(usual);
    expect(dialectsIn(read({ dialects: ['vercel', 'next'] })).dialects).toEqual([...usual, 'vercel']);
    expect(dialectsIn(read({ spellings: ['query'], dialects: ['netlify'] })).dialects).toEqual(['netlify', 'query']);
    expect(dialectsIn(read({ spellings: [] })).dialects).toEqual([]);
  });

  it('may be read below a prefix only', () => {
    const file = read({ dialects: [{ name: 'netlify', prefix: 'old/' }] });
    expect(dialectsIn(file).dialectPrefixes).toEqual({ netlify: 'old/' });
  });

  it.each([
    [{ dialects: ['nosuch'] }, /dialects.0: expected one of ipx, /],
    [{ dialects: [{ name: 'netlify', prefix: '/old' }] }, /dialects.0/],
    [{ sources: { 'old.example': '' } }, /sources.old.example: a source begins as https/],
    [{ sources: { 'https://old.example/': 'old' } }, /expected the beginning of keys/],
    [{ dialectSecrets: { nosuch: { key: 'x' } } }, /there is no "nosuch"; .*expected cloudinary/],
    [{ dialectSecrets: { imgproxy: { key: 'xyz', salt: '00' } } }, /dialectSecrets.imgproxy/],
  ])('%j is refused', (file, complaint) => {
    expect(refused(file)).toMatch(complaint);
  });

  it('know the hosts of sources without their capitals', () => {
    const sources = { 'https://Old.Example/Media/': 'Media/', 'local:///': '', 's3://bucket/': 'b/' };
    const plain = { 'https://old.example/Media/': 'Media/', 'local:///': '', 's3://bucket/': 'b/' };
    expect(read({ sources }).sources).toEqual(plain);
  });

  it('have one secret each or several, of any length', () => {
    expect(read({ dialectSecrets: { cloudinary: { key: 'b' } } }).dialectSecrets).toEqual({
      cloudinary: [{ key: 'b' }],
    });
    const keys = [{ key: 'b' }, { key: 'a' }];
    expect(read({ dialectSecrets: { cloudinary: keys } }).dialectSecrets).toEqual({ cloudinary: keys });
    expect(
      readConfig({
        FOVEA_UNSIGNED: 'none',
        FOVEA_CONFIG: configurationFile(JSON.stringify({ dialectSecrets: { cloudinary: keys } })),
      }).unsigned,
    ).toBe('none');
  });
});

describe('keys of others who sign tickets', () => {
  const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
  const edwards = generateKeyPairSync('ed25519');
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-384' });

  it('are public keys in PEM, each for one algorithm', () => {
    const ticketKeys = [{ id: 'shop', algorithm: 'EdDSA', publicKey: spki(edwards.publicKey) }];
    const FOVEA_CONFIG = configurationFile(JSON.stringify({ ticketKeys, ticketAudience: 'pictures' }));
    expect(readConfig({ FOVEA_CONFIG }).file).toMatchObject({ ticketKeys, ticketAudience: 'pictures' });
  });

  it.each([
    ['RS256', spki(edwards.publicKey), 'expected an RSA key of 2048 bits at least for RS256'],
    ['RS256', spki(short.publicKey), 'expected an RSA key of 2048 bits'],
    ['ES256', spki(curve.publicKey), 'expected a key on the curve P-256'],
    ['EdDSA', edwards.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'this one is private'],
    ['EdDSA', 'a key', 'expected a public key in PEM'],
    ['HS256', 'a secret', 'ticketKeys.0.algorithm'],
  ])('are refused where they are none: %s, %.30s', (algorithm, publicKey, complaint) => {
    const FOVEA_CONFIG = configurationFile(JSON.stringify({ ticketKeys: [{ algorithm, publicKey }] }));
    const problem = refusal({ FOVEA_CONFIG });
    expect(problem).toContain('ticketKeys.0');
    expect(problem).toContain(complaint);
    expect(problem).not.toContain('BEGIN');
  });
});
