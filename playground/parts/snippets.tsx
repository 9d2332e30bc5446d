import { useState } from 'preact/hooks';
import type { Snippet } from '../url/snippets.ts';

/** What is taken away. */
export function Snippets({
  snippets,
  say,
}: {
  readonly snippets: readonly Snippet[];
  readonly say: (message: string) => void;
}) {
  const [name, setName] = useState('img');
  const chosen = snippets.find((one) => one.name === name) ?? snippets[0];
  return (
    <section class="snippets" aria-labelledby="snippets-title">
      <header>
        <h2 id="snippets-title">Copy as</h2>
        <fieldset class="segments" aria-label="Snippet">
          {snippets.map((one) => (
            <button
              key={one.name}
              type="button"
              aria-pressed={one.name === chosen?.name}
              onClick={() => setName(one.name)}
            >
              {one.name}
            </button>
          ))}
        </fieldset>
        <button type="button" class="main" aria-label="Copy the snippet" onClick={() => copy(chosen?.text ?? '', say)}>
          Copy
        </button>
      </header>
      <pre>
        <code tabIndex={0}>{chosen?.text}</code>
      </pre>
    </section>
  );
}

export async function copy(text: string, say: (message: string) => void) {
  try {
    await navigator.clipboard.writeText(text);
    say('Copied.');
  } catch {
    say('The browser did not let it be copied: select it and copy it by hand.');
  }
}
