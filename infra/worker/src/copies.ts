/** Names of the headers that make a copy an answer again. */
const keptHeaders = [
  'content-type',
  'content-disposition',
  'content-security-policy',
  'cross-origin-resource-policy',
  'access-control-allow-origin',
  'timing-allow-origin',
  'x-content-type-options',
  'last-modified',
  'vary',
] as const;

/** An answer of the origin that was kept in R2. */
export interface Copy {
  /** The origin's entity tag, quoted. */
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ReadableStream;
}

/** Larger answers are not kept: a Worker has 128 MB, shared by the requests under way. */
const maxCopyBytes = 10 * 1024 * 1024;

async function nameOf(path: string, token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${token}\n${path}`));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export interface Copies {
  find(path: string, token: string): Promise<Copy | undefined>;
  keep(path: string, token: string, response: Response): Promise<void>;
}

/**
 * Bodies that the edge has been given once. None is ever served without asking: the origin is asked whether it is still
 * the answer, which costs it no picture, and only when it cannot say does the copy speak for itself.
 */
export function createCopies(bucket: R2Bucket | undefined): Copies {
  return {
    async find(path, token) {
      const object = await bucket?.get(await nameOf(path, token)).catch(() => null);
      const etag = object?.customMetadata?.['etag'];
      if (!object || etag === undefined) return undefined;
      const { etag: _, ...headers } = object.customMetadata ?? {};
      return { etag, headers, body: object.body };
    },
    async keep(path, token, response) {
      const etag = response.headers.get('etag');
      const length = Number(response.headers.get('content-length') ?? Number.NaN);
      if (bucket === undefined || etag === null || !(length <= maxCopyBytes)) {
        await response.body?.cancel();
        return;
      }
      const headers = keptHeaders.flatMap((name) => {
        const value = response.headers.get(name);
        return value === null ? [] : [[name, value] as const];
      });
      const customMetadata = { ...Object.fromEntries(headers), etag };
      await bucket.put(await nameOf(path, token), await response.arrayBuffer(), { customMetadata });
    },
  };
}
