import { useEffect, useState } from 'preact/hooks';
import { type Admin, type Listed, messageOf } from '../url/api.ts';
import { idOf, pathOf, stepOf } from '../url/model.ts';
import { bytesText } from './facts.tsx';
import { PrefixField, TokenField } from './inputs.tsx';

interface OriginalsProps {
  readonly admin: Admin;
  readonly token: string;
  readonly setToken: (token: string) => void;
  readonly id: string;
  readonly choose: (key: string) => void;
  readonly say: (message: string) => void;
}

/** Originals by the beginning of their keys, for whoever holds the admin token; and a place to put new ones. */
export function Originals({ admin, token, setToken, id, choose, say }: OriginalsProps) {
  const [prefix, setPrefix] = useState('');
  const { listed, problem, more } = useListing(admin, token, prefix);
  return (
    <section class="originals" aria-labelledby="originals-title">
      <h2 id="originals-title">Originals</h2>
      <form onSubmit={(event) => event.preventDefault()}>
        <TokenField class="field" token={token} setToken={setToken} placeholder="admin token, or a ticket" />
      </form>
      {token === '' ? (
        <p class="help">
          Each start shows its token on the terminal. It is needed to browse, upload, purge and set focal points, and is
          kept in this tab alone.
        </p>
      ) : (
        <>
          <PrefixField class="field" prefix={prefix} setPrefix={setPrefix} placeholder="all" />
          {problem !== undefined && (
            <p class="help" role="status">
              {problem}
            </p>
          )}
          <ul class="thumbs" aria-label="Originals">
            {listed.originals.map(({ key, bytes }) => (
              <Thumb key={key} name={key} bytes={bytes} isChosen={key === id} choose={choose} />
            ))}
          </ul>
          {listed.next !== undefined && (
            <button type="button" onClick={more}>
              More
            </button>
          )}
        </>
      )}
      <Upload admin={admin} choose={choose} say={say} />
    </section>
  );
}

interface ThumbProps {
  readonly name: string;
  readonly bytes: number;
  readonly isChosen: boolean;
  readonly choose: (key: string) => void;
}

const thumbnail = ['c_limit,w_320', 'f_auto,q_auto'].map(stepOf);

function Thumb({ name, bytes, isChosen, choose }: ThumbProps) {
  return (
    <li>
      <button type="button" aria-pressed={isChosen} title={`${name}, ${bytesText(bytes)}`} onClick={() => choose(name)}>
        <img
          src={pathOf({ steps: thumbnail, id: idOf(name) })}
          alt=""
          loading="lazy"
          onError={({ currentTarget }) => {
            currentTarget.hidden = true;
          }}
        />
        <span>{name.split('/').at(-1)}</span>
      </button>
    </li>
  );
}

/** Pages of a listing, from the first: what is typed is waited for. */
function useListing(admin: Admin, token: string, prefix: string) {
  const [listed, setListed] = useState<Listed>({ originals: [] });
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (token === '') return;
    let isCurrent = true;
    const timer = setTimeout(async () => {
      try {
        const found = await admin.list(prefix);
        if (!isCurrent) return;
        setListed(found);
        setProblem(found.originals.length === 0 ? 'Nothing there begins so.' : undefined);
      } catch (error) {
        if (!isCurrent) return;
        setListed({ originals: [] });
        setProblem(messageOf(error));
      }
    }, 200);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [admin, token, prefix]);
  const more = async () => {
    const after = await admin.list(prefix, listed.next).catch(() => undefined);
    if (after !== undefined) setListed({ ...after, originals: [...listed.originals, ...after.originals] });
  };
  return { listed, problem, more };
}

type UploadProps = Pick<OriginalsProps, 'admin' | 'choose' | 'say'>;

function Upload({ admin, choose, say }: UploadProps) {
  const [isOver, setIsOver] = useState(false);
  const send = async (file: File | undefined) => {
    if (file === undefined) return;
    say(`Uploading ${file.name} …`);
    try {
      const key = await admin.upload(file);
      say(`${file.name} is there as ${key}.`);
      choose(key);
    } catch (error) {
      say(`${file.name} was not taken: ${messageOf(error)}`);
    }
  };
  useDrop(send, setIsOver);
  return (
    <label class={`drop ${isOver ? 'over' : ''}`}>
      <input type="file" accept="image/*" onChange={({ currentTarget }) => send(currentTarget.files?.[0])} />
      <span>Drop a picture anywhere, or pick one</span>
    </label>
  );
}

/** A file may be dropped anywhere on the page. */
function useDrop(send: (file: File | undefined) => void, setIsOver: (isOver: boolean) => void) {
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setIsOver(event.type === 'dragover');
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setIsOver(false);
      send(event.dataTransfer?.files[0]);
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', over);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', over);
      document.removeEventListener('drop', drop);
    };
  });
}
