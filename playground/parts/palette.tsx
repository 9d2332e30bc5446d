import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Something that can be found by its name, and done. */
export interface Entry {
  readonly kind: string;
  readonly name: string;
  readonly hint: string;
  readonly run: () => void;
}

interface DialogProps {
  readonly label: string;
  readonly close: () => void;
  readonly children: preact.ComponentChildren;
}

/** The browser's own dialog: it holds the focus, and gives it back. */
export function Dialog({ label, close, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before anything is painted: what is typed next is meant for it.
  useLayoutEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={close}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="inside">{children}</div>
    </dialog>
  );
}

const mostFound = 40;

/** ⌘K: any parameter, original, preset or deed. */
export function Palette({ entries, close }: { readonly entries: readonly Entry[]; readonly close: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const words = text.toLowerCase().split(/\s+/);
  const found = entries
    .filter(({ name, hint, kind }) => words.every((word) => `${kind} ${name} ${hint}`.toLowerCase().includes(word)))
    .slice(0, mostFound);
  const chosen = Math.min(at, found.length - 1);
  const run = (entry: Entry | undefined) => {
    close();
    entry?.run();
  };
  const byKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter') run(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog label="Find anything" close={close}>
      <input
        class="find"
        role="combobox"
        aria-expanded="true"
        aria-controls="found"
        aria-activedescendant={chosen < 0 ? undefined : `found-${chosen}`}
        aria-label="A parameter, an effect, an original, something to do"
        placeholder="A parameter, an effect, an original, something to do"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setAt(0);
        }}
        onKeyDown={byKey}
      />
      <div class="found" id="found" role="listbox" aria-label="Found" tabIndex={-1}>
        {found.map((entry, index) => (
          <div
            key={`${entry.kind} ${entry.name}`}
            id={`found-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onClick={() => run(entry)}
          >
            <b>{entry.name}</b> <span>{entry.hint}</span> <em>{entry.kind}</em>
          </div>
        ))}
      </div>
    </Dialog>
  );
}

export const keys: readonly (readonly [key: string, meaning: string])[] = [
  ['⌘K, Ctrl K', 'find a parameter, an effect, an original, something to do'],
  ['/', 'go to the URL'],
  ['1 … 5', 'compare: split, side by side, blink, difference, variant alone'],
  ['z', 'zoom further in, and back to fit'],
  ['f', 'the same picture in each format'],
  ['r', 'draw the rectangle that is cut out'],
  ['p', 'set the focal point'],
  ['c', 'copy the URL'],
  ['Alt ←, Alt →', 'undo and redo, as everywhere in a browser'],
  ['?', 'this'],
];

export function Help({ close }: { readonly close: () => void }) {
  return (
    <Dialog label="Keys" close={close}>
      <h2>Keys</h2>
      <dl class="keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </Dialog>
  );
}
