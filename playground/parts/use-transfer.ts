import { useEffect, useMemo, useState } from 'preact/hooks';
import { asUsualJpeg, type Info } from '../url/gallery.ts';
import { idOf } from '../url/model.ts';

/** A picture that the browser has taken for this page. */
interface Taken {
  readonly path: string;
  readonly bytes: number;
  readonly isFromCache: boolean;
}

/** What pictures of this page have weighed so far, as the browser itself reckons it. */
export interface Transfer {
  readonly pictures: number;
  readonly bytes: number;
  readonly cachedBytes: number;
  /** Of the originals that they are of, each once. */
  readonly originalBytes: number;
  /** Of the same pictures as JPEG; undefined until somebody asks. */
  readonly jpegBytes: number | undefined;
  readonly isAsking: boolean;
  readonly askJpeg: () => Promise<void>;
}

export function useTransfer(infos: readonly Info[]): Transfer {
  const taken = useTaken();
  const [jpeg, setJpeg] = useState<{ readonly of: number; readonly bytes: number }>();
  const [isAsking, setIsAsking] = useState(false);
  const shown = useMemo(() => {
    const ends = infos.map((info) => [`/${idOf(info.key)}`, info] as const);
    return taken.flatMap((one) => {
      const info = ends.find(([end]) => one.path.endsWith(end))?.[1];
      return info === undefined ? [] : [{ ...one, info }];
    });
  }, [taken, infos]);
  const askJpeg = async () => {
    setIsAsking(true);
    let bytes = 0;
    // One after the other: nobody's pictures wait behind these.
    for (const { path } of shown) bytes += await weightOf(asUsualJpeg(path));
    setJpeg({ of: shown.length, bytes });
    setIsAsking(false);
  };
  const originals = new Map(shown.map(({ info }) => [info.key, info.bytes]));
  return {
    pictures: shown.length,
    bytes: sum(shown.map((one) => one.bytes)),
    cachedBytes: sum(shown.filter((one) => one.isFromCache).map((one) => one.bytes)),
    originalBytes: sum([...originals.values()]),
    jpegBytes: jpeg?.of === shown.length ? jpeg.bytes : undefined,
    isAsking,
    askJpeg,
  };
}

function useTaken(): readonly Taken[] {
  const [taken, setTaken] = useState<readonly Taken[]>([]);
  useEffect(() => {
    const observer = new PerformanceObserver((list) => {
      const pictures = list.getEntries().flatMap((entry) => takenIn(entry as PerformanceResourceTiming));
      if (pictures.length > 0) setTaken((before) => [...before, ...pictures]);
    });
    observer.observe({ type: 'resource', buffered: true });
    return () => observer.disconnect();
  }, []);
  return taken;
}

function takenIn({ initiatorType, name, encodedBodySize, transferSize }: PerformanceResourceTiming): readonly Taken[] {
  if (initiatorType !== 'img' && initiatorType !== 'input') return [];
  return [{ path: new URL(name).pathname, bytes: encodedBodySize, isFromCache: transferSize === 0 }];
}

async function weightOf(path: string): Promise<number> {
  const answer = await fetch(path, { method: 'HEAD' });
  await answer.arrayBuffer();
  return answer.ok ? Number(answer.headers.get('content-length') ?? 0) : 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
