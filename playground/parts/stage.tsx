import { useEffect, useRef, useState } from 'preact/hooks';
import type { Area } from '../url/crop.ts';
import { Faces } from './faces.tsx';
import type { Shown } from './use-picture.ts';

export const comparisons = ['split', 'side', 'blink', 'difference', 'alone'] as const;
export type Comparison = (typeof comparisons)[number];
export const zooms = ['fit', '1', '2', '4', '8'] as const;
export type Zoom = (typeof zooms)[number];

interface StageProps {
  readonly shown: Shown | undefined;
  readonly before: Shown | undefined;
  readonly beforeName: string;
  /** Where they are in the variant; none where it is another cut than the original. */
  readonly faces: readonly Area[];
  readonly comparison: Comparison;
  readonly zoom: Zoom;
  readonly isBusy: boolean;
  readonly alt: string;
}

/** The picture, and beside, behind or under it what it was made of. */
export function Stage({ shown, before, beforeName, faces, comparison, zoom, isBusy, alt }: StageProps) {
  const frame = useRef<HTMLDivElement>(null);
  const room = useRoom(frame);
  const [split, setSplit] = useState(50);
  const isBlinking = useBlink(comparison === 'blink');
  if (shown === undefined) return <div class="stage empty" ref={frame} aria-busy={isBusy} />;
  const halves = comparison === 'side' && before !== undefined ? 2 : 1;
  const size = sizeAt(zoom, shown, { width: room.width / halves, height: room.height });
  const box = { width: `${size.width}px`, height: `${size.height}px` };
  const has = before !== undefined;
  const variant = <img class="variant" src={shown.url} alt={alt} draggable={false} />;
  return (
    <section
      aria-label="Preview"
      class={`stage ${Number(zoom) >= 4 ? 'pixels' : ''}`}
      ref={frame}
      aria-busy={isBusy}
      tabIndex={0}
    >
      {comparison === 'side' && has ? (
        <div class="pair">
          <figure style={box}>
            <img src={before.url} alt="" />
            <figcaption>{beforeName}</figcaption>
          </figure>
          <figure style={box}>
            {variant}
            <figcaption>variant</figcaption>
          </figure>
        </div>
      ) : (
        <div class={`layers ${comparison}`} style={box}>
          {variant}
          {has && comparison === 'difference' && <img class="over" src={before.url} alt="" />}
          {has && comparison === 'blink' && isBlinking && <img class="over" src={before.url} alt="" />}
          {has && comparison === 'split' && (
            <>
              <img
                class="over"
                src={before.url}
                alt=""
                draggable={false}
                style={{ clipPath: `inset(0 ${100 - split}% 0 0)` }}
              />
              <span class="name left">{beforeName}</span>
              <span class="name right">variant</span>
              <Handle at={split} move={setSplit} />
            </>
          )}
          <Faces faces={faces} />
        </div>
      )}
    </section>
  );
}

/** Drawn to and fro, or by the arrow keys. */
function Handle({ at, move }: { readonly at: number; readonly move: (at: number) => void }) {
  const handle = useRef<HTMLDivElement>(null);
  const follow = (event: PointerEvent) => {
    const box = handle.current?.parentElement?.getBoundingClientRect();
    if (box !== undefined) move(Math.min(100, Math.max(0, (100 * (event.clientX - box.left)) / box.width)));
  };
  const byKey = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = { ArrowLeft: -2, ArrowRight: 2, Home: -100, End: 100 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(Math.min(100, Math.max(0, at + step)));
  };
  return (
    <div
      ref={handle}
      class="handle"
      style={{ left: `${at}%` }}
      role="slider"
      tabIndex={0}
      aria-label="How much of the original is shown"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(at)}
      onKeyDown={byKey}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && follow(event)}
    />
  );
}

function sizeAt(zoom: Zoom, { width, height }: Shown, room: { width: number; height: number }) {
  const dense = window.devicePixelRatio || 1;
  const factor = zoom === 'fit' ? Math.min(room.width / width, room.height / height, 1) : Number(zoom) / dense;
  return { width: Math.max(1, Math.floor(width * factor)), height: Math.max(1, Math.floor(height * factor)) };
}

/** What there is of room in an element, as it changes. */
function useRoom(of: { readonly current: HTMLElement | null }) {
  const [room, setRoom] = useState({ width: 600, height: 400 });
  useEffect(() => {
    const element = of.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setRoom({ width: Math.max(80, element.clientWidth - 34), height: Math.max(80, element.clientHeight - 34) }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  });
  return room;
}

function useBlink(isOn: boolean): boolean {
  const [isBefore, setIsBefore] = useState(false);
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => setIsBefore((one) => !one), 700);
    return () => clearInterval(timer);
  }, [isOn]);
  return isBefore;
}
