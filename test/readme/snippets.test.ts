import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import vm from 'node:vm';
import { SignJWT } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { readConfig } from '../../src/config/index.ts';
import { createCommandLine, putAll } from '../support/command-line.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService, type TestService } from '../support/test-service.ts';
import { allBlocks, pathOf } from './pages.ts';
import { type Command, commandsOf, curlRequest } from './shell.ts';

// Every block of code of the README and of docs/ runs in a test: here, or in the one that this table names.

const elsewhere: readonly (readonly [test: string, isHeld: (block: { path: string; code: string }) => boolean])[] = [
  ['test/frameworks/frameworks.test.ts', ({ path }) => path.startsWith('docs/recipes/')],
  ['test/readme/readme.test.ts', ({ code }) => /^<img|^function handler/.test(code)],
  ['test/url/package.test.ts', ({ code }) => /from '@fovea\/url'/.test(code)],
  ['test/edge/readme-nginx.test.ts', ({ path, code }) => path === 'docs/cdn.md' && code.startsWith('proxy_cache_path')],
  ['test/e2e/uploads.test.ts', ({ code }) => code.startsWith('// Uppy')],
];
const heldHere: readonly ((language: string, code: string) => boolean)[] = [
  (language) => language === 'sh',
  (language, code) => language === 'json' && (isConfiguration(code) || isAnswer(code) || isPolicy(code)),
  (language, code) => isMinting(code) || (language === 'js' && code.startsWith('async function sign')),
];
const schema: { properties: object } = JSON.parse(readFileSync(pathOf('fovea.schema.json'), 'utf8'));
const isConfiguration = (code: string) => Object.keys(JSON.parse(code)).every((key) => key in schema.properties);
const isAnswer = (code: string) => /^\{\s*"(batch|id)":/.test(code);
const isPolicy = (code: string) => code.includes('"Statement"');
const isMinting = (code: string) => code.includes("'HS256'") || code.includes('"HS256"');

const token = 'an-admin-token-of-a-page';
const ticketSecret = 'a-secret-for-tickets-that-is-long-enough';
const photo = new Blob([readFileSync(pathOf('data/originals/seeding.jpg'))], { type: 'image/jpeg' });
const keys = ['cats/tom.jpg', 'cats/ginger.jpg', 'seeding.jpg'];

/** A service with the originals that pages speak of. */
async function serviceOfPages(): Promise<TestService> {
  const originals = createMemoryStore();
  await putAll(originals, keys);
  const environment = { FOVEA_ADMIN_TOKEN: token, FOVEA_TICKET_SECRETS: ticketSecret };
  const made = await createPixelFreeService({ originals, environment });
  onTestFinished(() => made.service.close());
  return made;
}

function commandsOfPages(): readonly (Command & { readonly path: string; readonly name: string })[] {
  const variables = { FOVEA: 'http://127.0.0.1:3000', FOVEA_ADMIN_TOKEN: token };
  return allBlocks('sh').flatMap(({ path, code }) =>
    commandsOf(code, variables).map((command) => {
      const words = command.words[0] === 'npx' ? command.words.slice(1) : command.words;
      return { ...command, words, path, name: words[0] ?? '' };
    }),
  );
}
const commands = commandsOfPages();
const called = (name: string) => commands.filter((command) => command.name === name);
const shown = ({ path, words }: (typeof commands)[number]) => [`${words.join(' ')} (${path})`, words] as const;

it('every block of code is held by a test', () => {
  const languages = ['sh', 'json', 'html', 'js', 'jsx', 'ts', 'vue', 'svelte', 'astro', 'nginx', 'python', 'php'];
  const all = languages.flatMap((language) => allBlocks(language).map((block) => ({ language, ...block })));
  const fences = allBlocks().length;
  expect(all.length).toBe(fences);
  const loose = all.filter(
    ({ language, path, code }) =>
      !elsewhere.some(([, isHeld]) => isHeld({ path, code })) && !heldHere.some((isHeld) => isHeld(language, code)),
  );
  expect(loose).toEqual([]);
  expect(elsewhere.map(([test]) => test).filter((test) => !existsSync(pathOf(test)))).toEqual([]);
});

it('every command of the pages is one that a test runs', () => {
  const known = ['', 'curl', 'fovea', 'npm', 'docker', 'kubectl', 'psql', 'zcat'];
  expect(commands.filter(({ name }) => !known.includes(name))).toEqual([]);
  expect(called('curl').length).toBeGreaterThan(5);
  expect(called('fovea').length).toBeGreaterThan(10);
});

describe('what is asked of the server', () => {
  it.each(called('curl').map(shown))('%s', async (_name, words) => {
    const { ask } = await serviceOfPages();
    const about = await ask('/-/originals/cats/tom.jpg', { headers: { Authorization: `Bearer ${token}` } });
    const tag = about.headers.get('etag') ?? '';
    const { url, ...request } = curlRequest(
      words.map((one) => one.replace('"…"', tag)),
      photo,
    );
    const path = new URL(url).pathname + new URL(url).search;
    const response = await ask(path, request as RequestInit);
    const said = await response.text();
    // What is no bucket keeps no versions, as the page says.
    const isRight = path.startsWith('/-/versions/') ? response.status === 501 : response.ok;
    expect([response.status, isRight], said).toEqual([response.status, true]);
  });
});

describe('what the command line is told', () => {
  it.each(called('fovea').map(shown))('%s', async (_name, words) => {
    const folder = mkdtempSync(join(tmpdir(), 'fovea-snippets-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'tom.jpg'), Buffer.from(await photo.arrayBuffer()));
    const here: Readonly<Record<string, string>> = { '~/photos': folder, 'tom.jpg': join(folder, 'tom.jpg') };
    const { originals, fovea } = createCommandLine();
    await putAll(originals, keys);
    const { code, stderr } = await fovea(
      words.slice(1).map((one) => here[one] ?? one),
      { stdin: 'cats/tom.jpg\n' },
    );
    // Understood, and done as far as memory has what it takes: 4 and 6 say what is not there, and versions are a bucket's.
    expect(stderr.includes('A folder keeps no versions') || [0, 4, 6].includes(code), stderr).toBe(true);
  });
});

it('variables that are set are taken by the program', () => {
  const settings = commands.filter(({ environment }) => Object.keys(environment).length > 0);
  expect(settings.length).toBeGreaterThan(5);
  for (const { environment } of settings) {
    const known = Object.entries(environment).map(([name, value]) => [name, value === '…' ? token : value]);
    expect(() => readConfig(Object.fromEntries(known))).not.toThrow();
  }
});

it('what npm and kubectl are told is there', () => {
  for (const { words } of called('npm')) {
    const [, verb = '', name = ''] = words;
    if (verb === 'run') expect(packageJson.scripts).toHaveProperty([name]);
    else expect(['ci', 'start', 'pack']).toContain(verb);
  }
  for (const { words } of called('kubectl')) {
    expect(existsSync(join(pathOf(words[words.indexOf('-k') + 1] ?? ''), 'kustomization.yaml'))).toBe(true);
  }
  for (const { words } of called('docker'))
    expect(words.join(' ')).toMatch(/^docker (build -t fovea \.|run .* fovea)$/);
});

describe('the answers that docs/ shows', () => {
  const answers = allBlocks('json').filter(({ code }) => isAnswer(code));
  const authorised = { Authorization: `Bearer ${token}` };

  it('has an upload’s keys', async () => {
    const { ask } = await serviceOfPages();
    const body = new FormData();
    body.append('image', photo, 'photo.jpg');
    const answer = JSON.parse(await (await ask('/-/images', { method: 'POST', headers: authorised, body })).text());
    const [told] = answers.filter(({ code }) => code.includes('"batch"')).map(({ code }) => JSON.parse(code));
    expect(Object.keys(told)).toEqual(Object.keys(answer));
    expect(Object.keys(answer.files[0])).toEqual(expect.arrayContaining(Object.keys(told.files[0])));
    expect(Object.keys(answer.files[0].urls)).toEqual(Object.keys(told.files[0].urls));
  });

  it('has a purge’s keys', async () => {
    const { ask } = await serviceOfPages();
    const body = JSON.stringify({ keys: ['cats/tom.jpg'] });
    const answer = JSON.parse(await (await ask('/-/purge', { method: 'POST', headers: authorised, body })).text());
    const [told] = answers.filter(({ code }) => code.includes('"id"')).map(({ code }) => JSON.parse(code));
    expect(Object.keys(told)).toEqual(Object.keys(answer));
  });

  it('and the rights that the program uses on buckets', () => {
    const [policy] = allBlocks('json').filter(({ code }) => isPolicy(code));
    const { Statement: statements }: { Statement: { Action: string | string[] }[] } = JSON.parse(policy?.code ?? '');
    const actions = new Set(statements.flatMap(({ Action }) => Action));
    expect([...actions].sort()).toEqual(['s3:DeleteObject', 's3:GetObject', 's3:ListBucket', 's3:PutObject']);
  });
});

describe('tickets and signed uploads, as a backend and a page make them', () => {
  /** What a snippet says of itself in the ticket, in whatever language. */
  function claimsIn(code: string): Readonly<Record<string, unknown>> {
    const names = [...code.matchAll(/["']?(aud|exp|jti|files|bytes|nbf)["']?(?:: | => )/g)].map(
      ([, name = '']) => name,
    );
    const all = {
      aud: 'fovea',
      exp: Math.floor(Date.now() / 1000) + 3600,
      jti: 'user-1',
      files: 20,
      bytes: 2e8,
      nbf: 1,
    };
    return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
  }
  const files = [{ filename: 'a.jpg', type: 'image/jpeg', bytes: photo.size }];

  it.each(['python', 'php'])('the claims of %s are taken', async (language) => {
    const { ask } = await serviceOfPages();
    const [block] = allBlocks(language);
    const claims = claimsIn(block?.code ?? '');
    expect(Object.keys(claims)).toEqual(expect.arrayContaining(['aud', 'exp', 'jti', 'files']));
    const ticket = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(ticketSecret));
    const headers = { Authorization: `Bearer ${ticket}` };
    const { status } = await ask('/-/uploads', { method: 'POST', headers, body: JSON.stringify({ files }) });
    expect(status).toBe(201);
  });

  it('the code for Node makes a ticket, by which the code of the page signs, and commits', async () => {
    const { ask } = await serviceOfPages();
    const blocks = allBlocks('js').map(({ code }) => code);
    const mint = blocks.find(isMinting) ?? '';
    const env = { FOVEA_TICKET_SECRET: ticketSecret };
    const given = { SignJWT, TextEncoder, process: { env }, user: { id: 1 } };
    const ticket: string = await vm.runInNewContext(`(async () => { ${mint}\n return ticket; })()`, given);

    const asked: string[] = [];
    const handlers: Record<string, (file: unknown) => Promise<Response>> = {};
    const uppy = {
      setFileMeta: (_id: string, meta: { batch: string }) => asked.push(meta.batch),
      use: () => undefined,
      on: (event: string, handler: (file: unknown) => Promise<Response>) =>
        Object.assign(handlers, { [event]: handler }),
    };
    const fetch = (address: string, init: RequestInit) => ask(new URL(address).pathname, init);
    const sign = blocks.find((code) => code.startsWith('async function sign')) ?? '';
    const page = vm.runInNewContext(`${sign}\nsign`, { fetch, uppy, ticket, JSON, AwsS3: undefined });
    const { method, url, fields, headers } = await page({
      id: '1',
      name: 'a.jpg',
      type: 'image/jpeg',
      size: photo.size,
    });

    const form = new FormData();
    for (const [name, value] of Object.entries<string>(fields)) form.append(name, value);
    form.append('file', photo, 'a.jpg');
    const sent = await ask(new URL(url).pathname + new URL(url).search, {
      method,
      headers,
      body: method === 'PUT' ? photo : form,
    });
    expect([method, sent.ok]).toEqual([method, true]);
    const committed = await handlers['upload-success']?.({ meta: { batch: asked[0] } });
    expect(committed?.status).toBe(200);
  });
});
