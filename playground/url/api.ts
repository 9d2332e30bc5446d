import { idOf } from './model.ts';
import type { Option } from './options.ts';

/** What the server says about a URL. */
export interface Explanation {
  readonly dialect?: string;
  readonly isSigned?: boolean;
  readonly id?: string;
  readonly transformation?: string;
  readonly vary?: string;
  readonly refused?: { readonly status: number; readonly title: string; readonly detail: string };
  readonly answers?: readonly {
    readonly accept?: string;
    /** Undefined where the URL keeps it to itself. */
    readonly key?: string;
    readonly canonical?: string;
    readonly etag: string;
    readonly cacheTag: string;
    readonly kept?: string;
  }[];
}

/** A picture that has come, with what its answer says of itself. */
export interface Fetched {
  readonly blob: Blob;
  readonly type: string;
  readonly bytes: number;
  readonly milliseconds: number;
  readonly renderMs: number | undefined;
  readonly from: string;
  readonly cacheControl: string;
}

/** An answer that is no picture, in the words of the server. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** What went wrong, for whoever looks at the page. */
export function messageOf(error: unknown): string {
  return error instanceof Refusal ? error.message : 'The server did not answer.';
}

export interface Client {
  readonly accept: string | undefined;
  readonly saveData: boolean;
}

export async function fetchOptions(): Promise<readonly Option[]> {
  return json(await fetch('/-/playground/options.json'));
}

export async function explain(url: string, signal?: AbortSignal): Promise<Explanation> {
  return json(await fetch(`/-/explain?url=${encodeURIComponent(url)}`, signal ? { signal } : {}));
}

function headersFor({ accept, saveData }: Client): Record<string, string> {
  return { Accept: accept ?? 'image/avif,image/webp,image/*,*/*;q=0.8', ...(saveData && { 'Save-Data': 'on' }) };
}

/** Asks past the browser's own cache, whose answers would hide where the server has them from. */
export async function fetchPicture(path: string, client: Client, signal: AbortSignal): Promise<Fetched> {
  const started = performance.now();
  const answer = await fetch(path, { headers: headersFor(client), cache: 'no-store', signal });
  if (!answer.ok) throw await refusalOf(answer);
  const blob = await answer.blob();
  return { blob, bytes: blob.size, ...saidBy(answer), milliseconds: performance.now() - started };
}

/** What the next visitor meets. */
export async function look(path: string, client: Client, signal: AbortSignal): Promise<Omit<Fetched, 'blob'>> {
  const started = performance.now();
  const answer = await fetch(path, { method: 'HEAD', headers: headersFor(client), cache: 'no-store', signal });
  if (!answer.ok) throw new Refusal(answer.status, answer.headers.get('x-cld-error') ?? '');
  // Nothing comes, but a body that nobody reads counts as broken off.
  await answer.arrayBuffer();
  const bytes = Number(answer.headers.get('content-length') ?? 0);
  return { bytes, ...saidBy(answer), milliseconds: performance.now() - started };
}

function saidBy({ headers }: Response) {
  const status = headers.get('cache-status') ?? '';
  const render = /render;dur=([\d.]+)/.exec(headers.get('server-timing') ?? '')?.[1];
  return {
    type: (headers.get('content-type') ?? '').split(';')[0] ?? '',
    from: /detail=(\w+)/.exec(status)?.[1] ?? 'fovea',
    renderMs: render === undefined ? undefined : Number(render),
    cacheControl: headers.get('cache-control') ?? '',
  };
}

async function refusalOf(answer: Response): Promise<Refusal> {
  const said = await answer.text();
  try {
    const { detail, title } = JSON.parse(said);
    return new Refusal(answer.status, detail ?? title ?? said);
  } catch {
    return new Refusal(answer.status, answer.headers.get('x-cld-error') ?? answer.statusText);
  }
}

async function json<Body>(answer: Response): Promise<Body> {
  if (!answer.ok) throw await refusalOf(answer);
  return answer.json();
}

export interface Listed {
  readonly originals: readonly { readonly key: string; readonly bytes: number }[];
  readonly next?: string;
}

/** What needs a token: each as its holder. */
export interface Admin {
  list(prefix: string, page?: string): Promise<Listed>;
  upload(file: File): Promise<string>;
  purge(key: string, dryRun: boolean): Promise<Record<string, number | undefined>>;
  focus(key: string, point: { x: number; y: number } | undefined): Promise<void>;
  /** What people have said that it shows; empty where they have not. */
  altOf(key: string): Promise<string>;
  /** The empty text takes back what was said. */
  alt(key: string, text: string): Promise<void>;
  replace(key: string, file: File): Promise<void>;
  remove(key: string, dryRun: boolean): Promise<Record<string, number | undefined>>;
}

function typeOf({ type }: File): string {
  return type === '' ? 'application/octet-stream' : type;
}

export function adminWith(token: string): Admin {
  const headers: Record<string, string> = token === '' ? {} : { Authorization: `Bearer ${token}` };
  const asJson = { ...headers, 'Content-Type': 'application/json' };
  return {
    async list(prefix, page = '') {
      return json(await fetch(`/-/originals?${new URLSearchParams({ prefix, page })}`, { headers }));
    },
    async upload(file) {
      const said = { ...headers, 'Content-Type': typeOf(file) };
      const answer = await fetch('/-/images', { method: 'POST', headers: said, body: file });
      const { files } = await json<{ files?: { key?: string; error?: { detail?: string } }[] }>(answer);
      const [sent] = files ?? [];
      if (sent?.key === undefined) throw new Refusal(answer.status, sent?.error?.detail ?? 'It was not published.');
      return sent.key;
    },
    async purge(key, dryRun) {
      const body = JSON.stringify({ keys: [key], dryRun });
      return json(await fetch('/-/purge', { method: 'POST', headers: asJson, body }));
    },
    async focus(key, point) {
      const body = JSON.stringify(point ?? { clear: true });
      await json(await fetch(`/-/focus/${idOf(key)}`, { method: 'PUT', headers: asJson, body }));
    },
    async altOf(key) {
      const { alt = '' } = await json<{ alt?: string }>(await fetch(`/-/originals/${idOf(key)}`, { headers }));
      return alt;
    },
    async alt(key, text) {
      const body = JSON.stringify(text === '' ? { clear: true } : { alt: text });
      await json(await fetch(`/-/alt/${idOf(key)}`, { method: 'PUT', headers: asJson, body }));
    },
    async replace(key, file) {
      const said = { ...headers, 'Content-Type': typeOf(file) };
      await json(await fetch(`/-/originals/${idOf(key)}`, { method: 'PUT', headers: said, body: file }));
    },
    async remove(key, dryRun) {
      return json(await fetch(`/-/originals/${idOf(key)}?dryRun=${dryRun}`, { method: 'DELETE', headers }));
    },
  };
}
