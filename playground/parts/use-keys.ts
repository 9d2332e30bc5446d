import { useEffect, useRef } from 'preact/hooks';

interface Deeds {
  readonly find: () => void;
  readonly help: () => void;
  readonly url: () => void;
  readonly compare: (at: number) => void;
  readonly zoom: () => void;
  readonly formats: () => void;
  readonly crop: () => void;
  readonly focus: () => void;
  readonly copy: () => void;
}

/** Keys of the whole page; whoever writes into a field is left alone. */
export function useKeys(deeds: Deeds): void {
  const latest = useRef(deeds);
  latest.current = deeds;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        return latest.current.find();
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isWriting(event.target)) return;
      if (!act(event.key, latest.current)) return;
      event.preventDefault();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input:not([type=range], [type=checkbox]), select, textarea, dialog') !== null
  );
}

function act(key: string, deeds: Deeds): boolean {
  const named: Readonly<Record<string, () => void>> = {
    '?': deeds.help,
    '/': deeds.url,
    z: deeds.zoom,
    f: deeds.formats,
    r: deeds.crop,
    p: deeds.focus,
    c: deeds.copy,
  };
  if (/^[1-5]$/.test(key)) deeds.compare(Number(key) - 1);
  else if (Object.hasOwn(named, key)) named[key]?.();
  else return false;
  return true;
}
