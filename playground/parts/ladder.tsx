import { useEffect, useState } from 'preact/hooks';
import { type Client, fetchPicture, messageOf } from '../url/api.ts';
import { type Model, pathOf, withOutput } from '../url/model.ts';
import { scoreOf } from '../url/score.ts';
import { bytesText } from './facts.tsx';

/** The lossless one first: the others are scored against it. */
const formats = ['png', 'jpg', 'webp', 'avif'];

interface LadderProps {
  readonly model: Model;
  readonly client: Client;
  readonly outputKeys: ReadonlySet<string>;
  readonly choose: (format: string) => void;
}

interface Rung {
  readonly format: string;
  readonly bytes?: number;
  /** SSIMULACRA 2 against the lossless one. */
  readonly score?: number | undefined;
  readonly problem?: string;
}

/** The same request in each format: what each weighs, and how like the lossless one it is. */
export function Ladder({ model, client, outputKeys, choose }: LadderProps) {
  const rungs = useRungs(model, client, outputKeys);
  const most = Math.max(1, ...rungs.map(({ bytes = 0 }) => bytes));
  return (
    <ul class="ladder" aria-label="The same picture in each format">
      {rungs.map(({ format, bytes, score, problem }) => (
        <li key={format}>
          <button type="button" onClick={() => choose(format)}>
            <b>{format.toUpperCase()}</b>
            <meter min={0} max={most} value={bytes ?? 0} aria-label={`Bytes as ${format}`} />
            <span>{bytes === undefined ? (problem ?? '…') : bytesText(bytes)}</span>
            <span title="SSIMULACRA 2: 100 is the same, 90 cannot be told apart, 70 is high quality, 50 medium">
              {scoreText(format, score)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function scoreText(format: string, score: number | undefined): string {
  if (format === 'png') return 'lossless';
  return score === undefined ? '' : `score ${score.toFixed(0)}`;
}

function useRungs(model: Model, client: Client, outputKeys: ReadonlySet<string>): readonly Rung[] {
  const [rungs, setRungs] = useState<readonly Rung[]>(formats.map((format) => ({ format })));
  const path = pathOf(model);
  useEffect(() => {
    const leaving = new AbortController();
    const timer = setTimeout(async () => {
      // One after the other: whoever looks at formats should not take all renderers.
      let lossless: Blob | undefined;
      for (const format of formats) {
        const at = pathOf(withOutput(model, { key: 'f', value: format, outputKeys }));
        const show = (rung: Rung) =>
          leaving.signal.aborted || setRungs((all) => all.map((one) => (one.format === format ? rung : one)));
        try {
          const { bytes, blob } = await fetchPicture(at, client, leaving.signal);
          show({ format, bytes });
          if (format === 'png') lossless = blob;
          else if (lossless !== undefined) show({ format, bytes, score: await scoreOf(lossless, blob) });
        } catch (error) {
          show({ format, problem: messageOf(error) });
        }
        if (leaving.signal.aborted) return;
      }
    }, 200);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [path]);
  return rungs;
}
