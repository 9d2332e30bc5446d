import { useEffect, useRef, useState } from 'preact/hooks';
import { type Client, type Fetched, fetchPicture, look, Refusal } from '../url/api.ts';

/** A picture that has been decoded, and can be shown without a flash. */
export interface Shown extends Fetched {
  readonly path: string;
  readonly url: string;
  readonly width: number;
  readonly height: number;
  /** What the next visitor meets, once that is known. */
  readonly next?: { readonly from: string; readonly milliseconds: number };
}

export interface Problem {
  readonly status: number;
  readonly detail: string;
}

export interface PictureState {
  /** The last that came, whatever has been asked for since. */
  readonly shown: Shown | undefined;
  readonly problem: Problem | undefined;
  readonly isBusy: boolean;
}

/** No request while somebody still moves a slider. */
const settleMs = 120;

/** The picture at a path, anew with each turn: the one before stays until the next has decoded, and where there is none. */
export function usePicture(path: string | undefined, client: Client, turn: number): PictureState {
  const [state, setState] = useState<PictureState>({ shown: undefined, problem: undefined, isBusy: false });
  const last = useRef<string | undefined>(undefined);
  const { accept, saveData } = client;
  useEffect(() => {
    if (path === undefined) return;
    const leaving = new AbortController();
    const { signal } = leaving;
    const wait = last.current === undefined ? 0 : settleMs;
    const timer = setTimeout(async () => {
      setState((before) => ({ ...before, isBusy: true }));
      const shown = await decoded(path, { accept, saveData }, signal).catch(problemOf);
      if (signal.aborted) return;
      if ('status' in shown) return setState((before) => ({ shown: before.shown, problem: shown, isBusy: false }));
      if (last.current !== undefined) URL.revokeObjectURL(last.current);
      last.current = shown.url;
      setState({ shown, problem: undefined, isBusy: false });
      const next = await look(path, { accept, saveData }, signal).catch(() => undefined);
      if (next !== undefined && !signal.aborted)
        setState({ shown: { ...shown, next }, problem: undefined, isBusy: false });
    }, wait);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [path, accept, saveData, turn]);
  return state;
}

async function decoded(path: string, client: Client, signal: AbortSignal): Promise<Shown> {
  const fetched = await fetchPicture(path, client, signal);
  if (!fetched.type.startsWith('image/')) {
    throw new Refusal(200, `The answer is ${fetched.type}, which is no picture: open the URL to read it.`);
  }
  const url = URL.createObjectURL(fetched.blob);
  const image = new Image();
  image.src = url;
  await image.decode().catch(() => {
    throw new Refusal(200, `This browser cannot show ${fetched.type}.`);
  });
  return { ...fetched, path, url, width: image.naturalWidth, height: image.naturalHeight };
}

function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) return { status: error.status, detail: error.message };
  return { status: 0, detail: 'The server did not answer.' };
}
