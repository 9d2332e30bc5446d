import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { explain } from '../url/api.ts';
import { type Model, modelOf, pathOf } from '../url/model.ts';

/** The picture that comes with the program. */
const standard: Model = {
  steps: [
    [
      ['c', 'fill'],
      ['w', '640'],
      ['ar', '3:2'],
      ['g', 'auto'],
    ],
    [
      ['f', 'auto'],
      ['q', 'auto'],
    ],
  ],
  id: 'seeding.jpg',
};

/** Moves of one control within this are one step back. */
const togetherMs = 1000;

export interface ModelState {
  readonly model: Model | undefined;
  readonly edit: (model: Model, what: string) => void;
  /** Takes any URL, in whatever language the server reads. */
  readonly paste: (url: string) => Promise<void>;
  /** What was found out about a pasted URL. */
  readonly note: string | undefined;
}

/** The URL is the state: the address has it, and the browser's own back and forward are undo and redo. */
export function useModel(): ModelState {
  const [model, setModel] = useState<Model>();
  const [note, setNote] = useState<string>();
  const last = useRef({ what: '', time: 0 });
  const edit = useCallback((next: Model, what: string) => {
    const now = performance.now();
    const isSame = last.current.what === what && now - last.current.time < togetherMs;
    last.current = { what, time: now };
    write(next, isSame ? 'replaceState' : 'pushState');
    setNote(undefined);
    setModel(next);
  }, []);
  const paste = useCallback(async (url: string) => {
    const read = await readUrl(url);
    last.current = { what: '', time: 0 };
    write(read.model, 'pushState');
    setModel(read.model);
    setNote(read.note);
  }, []);
  useEffect(() => {
    const back = ({ state }: PopStateEvent) => void (isModel(state) ? setModel(state) : open(setModel, setNote));
    addEventListener('popstate', back);
    void open(setModel, setNote);
    return () => removeEventListener('popstate', back);
  }, []);
  return { model, edit, paste, note };
}

function write(model: Model, how: 'pushState' | 'replaceState'): void {
  const query = encodeURIComponent(pathOf(model)).replace(/%(?:2F|3A|2C)/g, decodeURIComponent);
  history[how](model, '', `?url=${query}`);
}

function isModel(state: unknown): state is Model {
  return typeof state === 'object' && state !== null && 'steps' in state && 'id' in state;
}

/** What the address says, which somebody may have been sent. */
async function open(setModel: (model: Model) => void, setNote: (note: string | undefined) => void): Promise<void> {
  if (isModel(history.state)) return setModel(history.state);
  const url = new URLSearchParams(location.search).get('url');
  const { model, note } = url === null || url === '' ? { model: standard, note: undefined } : await readUrl(url);
  write(model, 'replaceState');
  setModel(model);
  setNote(note);
}

async function readUrl(given: string): Promise<{ model: Model; note: string | undefined }> {
  const url = given.trim().replace(/^(?!https?:|\/)/i, '/');
  const said = await explain(url).catch(() => undefined);
  const path = url.replace(/^https?:\/\/[^/]+/i, '').replace(/[?#].*$/, '');
  if (said?.id === undefined) return { model: { steps: [], id: path.slice(1) }, note: said?.refused?.detail };
  const notes = [
    said.dialect === undefined ? '' : `Read as a URL of ${said.dialect}, and written in fovea's own words.`,
    said.isSigned === true ? 'Its signature holds for the URL as it was: sign the new one with "fovea sign".' : '',
  ];
  return { model: modelOf(said.transformation ?? '', said.id), note: notes.join(' ').trim() || undefined };
}
