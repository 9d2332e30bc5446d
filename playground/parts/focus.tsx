import { useState } from 'preact/hooks';
import { type Admin, messageOf } from '../url/api.ts';
import type { Area } from '../url/crop.ts';
import { Faces } from './faces.tsx';
import type { Shown } from './use-picture.ts';

const shapes = ['1:1', '4:5', '3:2', '16:9', '21:9', '9:16'];

interface Point {
  readonly x: number;
  readonly y: number;
}

interface FocusProps {
  readonly original: Shown;
  readonly name: string;
  readonly faces: readonly Area[];
  readonly admin: Admin;
  readonly hasToken: boolean;
  readonly say: (message: string) => void;
  /** Called after it was saved. */
  readonly saved: () => void;
}

/** A click on the original says what matters most, and six shapes show at once what that comes to. */
export function FocalPoint({ original, name, faces, admin, hasToken, say, saved }: FocusProps) {
  const [point, setPoint] = useState<Point>({ x: 0.5, y: 0.5 });
  const move = (x: number, y: number) =>
    setPoint({ x: Math.min(1, Math.max(0, round(point.x + x))), y: Math.min(1, Math.max(0, round(point.y + y))) });
  const byKey = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-0.01, 0],
      ArrowRight: [0.01, 0],
      ArrowUp: [0, -0.01],
      ArrowDown: [0, 0.01],
    };
    const by = moves[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(...by);
  };
  const save = async (clear: boolean) => {
    try {
      await admin.focus(name, clear ? undefined : point);
      say(
        clear
          ? `${name} has no focal point any more.`
          : `The focal point of ${name} is ${point.x}, ${point.y}: g_custom, g_auto and g_face go by it.`,
      );
      saved();
    } catch (error) {
      say(`Not saved: ${messageOf(error)}`);
    }
  };
  return (
    <div class="focus">
      <div class="focus-picture">
        <img
          src={original.url}
          alt="The original"
          draggable={false}
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            setPoint({
              x: round((event.clientX - box.left) / box.width),
              y: round((event.clientY - box.top) / box.height),
            });
          }}
        />
        <Faces faces={faces} />
        <button
          type="button"
          class="point"
          aria-label={`Focal point at ${Math.round(point.x * 100)} % from the left, ${Math.round(point.y * 100)} % from the top; arrow keys move it`}
          style={{ left: `${point.x * 100}%`, top: `${point.y * 100}%` }}
          onKeyDown={byKey}
        />
      </div>
      <ul class="shapes" aria-label="Shapes cut round the point">
        {shapes.map((shape) => (
          <li key={shape}>
            <img
              src={original.url}
              alt={`Cut to ${shape}`}
              style={{ aspectRatio: shape.replace(':', '/'), objectPosition: positionOf(point, original, shape) }}
            />
            <span>{shape}</span>
          </li>
        ))}
      </ul>
      <div class="actions">
        {hasToken ? (
          <>
            <button type="button" class="main" onClick={() => save(false)}>
              Save the point
            </button>
            <button type="button" onClick={() => save(true)}>
              Forget it
            </button>
          </>
        ) : (
          <p class="help">Saving it needs the admin token.</p>
        )}
      </div>
    </div>
  );
}

function round(share: number): number {
  return Math.round(share * 1000) / 1000;
}

/** As `object-position`: the cut's middle is at the point, as far as the picture goes. */
function positionOf({ x, y }: Point, { width, height }: Shown, shape: string): string {
  const [across = 1, down = 1] = shape.split(':').map(Number);
  const [picture, cut] = [width / height, across / down];
  return `${shareOf(x, Math.min(1, cut / picture))}% ${shareOf(y, Math.min(1, picture / cut))}%`;
}

/** How far along its way a window of that size is whose middle is wanted there. */
function shareOf(middle: number, size: number): number {
  return size >= 1 ? 50 : 100 * Math.min(1, Math.max(0, (middle - size / 2) / (1 - size)));
}
