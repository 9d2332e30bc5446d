import { useEffect, useState } from 'preact/hooks';
import { type Client, fetchPicture } from '../url/api.ts';
import { type Model, pathOf, withOutput } from '../url/model.ts';
import { bytesText } from './facts.tsx';
import { messageOf } from './originals.tsx';

const formats = ['jpg', 'webp', 'avif', 'png'];

interface LadderProps {
  readonly model: Model;
  readonly client: Client;
  readonly outputKeys: ReadonlySet<string>;
  readonly choose: (format: string) => void;
}

interface Rung {
  readonly format: string;
  readonly bytes?: number;
  readonly problem?: string;
}

/** The same request in each format: what each weighs. */
export function Ladder({ model, client, outputKeys, choose }: LadderProps) {
  const rungs = useRungs(model, client, outputKeys);
  const most = Math.max(1, ...rungs.map(({ bytes = 0 }) => bytes));
  return (
    <ul class="ladder" aria-label="The same picture in each format">
      {rungs.map(({ format, bytes, problem }) => (
        <li key={format}>
          <button type="button" onClick={() => choose(format)}>
            <b>{format.toUpperCase()}</b>
            <meter min={0} max={most} value={bytes ?? 0} aria-label={`Bytes as ${format}`} />
            <span>{bytes === undefined ? (problem ?? '…') : bytesText(bytes)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function useRungs(model: Model, client: Client, outputKeys: ReadonlySet<string>): readonly Rung[] {
  const [rungs, setRungs] = useState<readonly Rung[]>(formats.map((format) => ({ format })));
  const path = pathOf(model);
  useEffect(() => {
    const leaving = new AbortController();
    const timer = setTimeout(async () => {
      // One after the other: whoever looks at formats should not take all renderers.
      for (const format of formats) {
        const at = pathOf(withOutput(model, { key: 'f', value: format, outputKeys }));
        const rung = await fetchPicture(at, client, leaving.signal).then(
          ({ bytes }) => ({ format, bytes }),
          (error) => ({ format, problem: messageOf(error) }),
        );
        if (leaving.signal.aborted) return;
        setRungs((before) => before.map((one) => (one.format === format ? rung : one)));
      }
    }, 200);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [path]);
  return rungs;
}
