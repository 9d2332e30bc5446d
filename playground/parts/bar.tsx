import { useEffect, useState } from 'preact/hooks';
import type { Problem } from './use-picture.ts';

interface BarProps {
  readonly path: string;
  readonly problem: Problem | undefined;
  readonly note: string | undefined;
  /** The part that was refused, where one was named. */
  readonly bad: string | undefined;
  readonly paste: (url: string) => void;
  readonly copy: () => void;
}

/** What the server proposes in place of what it refused: a part, or a whole path. */
export function remedyOf({ detail }: Problem, path: string, bad: string | undefined): string | undefined {
  const part = /did you mean ([^\s?]+)\?/.exec(detail)?.[1];
  if (part !== undefined && bad !== undefined) return path.replace(bad, part);
  return /(?:as in|leave it out:|write|try) (\/[^\s,;]+)/.exec(detail)?.[1];
}

/** The URL: to read, to change, and to paste any other over. */
export function Bar({ path, problem, note, bad, paste, copy }: BarProps) {
  const [text, setText] = useState(path);
  useEffect(() => setText(path), [path]);
  const at = bad === undefined ? -1 : text.indexOf(bad);
  const remedy = problem === undefined ? undefined : remedyOf(problem, path, bad);
  return (
    <section class="bar" aria-label="URL">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          paste(text);
        }}
      >
        <label for="url">URL</label>
        <div class={`url ${at >= 0 ? 'marked' : ''}`}>
          {at >= 0 && bad !== undefined && (
            <div class="mirror" aria-hidden="true">
              {text.slice(0, at)}
              <mark>{bad}</mark>
              {text.slice(at + bad.length)}
            </div>
          )}
          <input
            id="url"
            value={text}
            spellcheck={false}
            autocomplete="off"
            aria-invalid={problem !== undefined}
            aria-describedby="told"
            onInput={({ currentTarget }) => setText(currentTarget.value)}
            onPaste={({ clipboardData, currentTarget }) => {
              const pasted = clipboardData?.getData('text') ?? '';
              const isAll =
                currentTarget.selectionEnd === currentTarget.value.length && currentTarget.selectionStart === 0;
              if (isAll || /^https?:\/\//.test(pasted)) setTimeout(() => paste(pasted));
            }}
          />
        </div>
        <button type="submit" hidden={text === path}>
          Go
        </button>
        <button type="button" class="main" aria-label="Copy the URL" onClick={copy}>
          Copy
        </button>
        <a class="button" href={path} target="_blank" rel="noreferrer">
          Open
        </a>
      </form>
      <p id="told" class={problem ? 'told problem' : 'told'} role="status">
        {problem !== undefined && (
          <>
            <b>{problem.status === 0 ? 'Away' : problem.status}</b> {problem.detail}{' '}
          </>
        )}
        {remedy !== undefined && (
          <button type="button" class="link" onClick={() => paste(remedy)}>
            Use {remedy}
          </button>
        )}
        {problem === undefined && (note ?? '')}
      </p>
    </section>
  );
}
