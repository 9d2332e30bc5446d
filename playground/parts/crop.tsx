import { useRef, useState } from 'preact/hooks';
import { type Area, areaBetween, areaIn, moved, resizedBy, withArea } from '../url/crop.ts';
import type { Model } from '../url/model.ts';
import { boxOf, Faces } from './faces.tsx';
import type { Shown } from './use-picture.ts';

interface CropProps {
  readonly original: Shown;
  readonly model: Model;
  readonly faces: readonly Area[];
  readonly edit: (model: Model, what: string) => void;
}

interface Drag {
  readonly kind: 'draw' | 'move' | 'resize';
  readonly from: { readonly x: number; readonly y: number };
  readonly before: Area;
}

const whole: Area = { x: 0, y: 0, width: 1, height: 1 };

/** A rectangle that is drawn on the original: what is in it is cut out before anything else is done. */
export function Crop({ original, model, faces, edit }: CropProps) {
  const picture = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<Area>();
  const drag = useRef<Drag | undefined>(undefined);
  const area = drawn ?? areaIn(model, original) ?? whole;
  const keep = (next: Area) => {
    setDrawn(undefined);
    edit(withArea(model, next, original), 'crop');
  };
  const placeOf = (event: PointerEvent) => {
    const box = picture.current?.getBoundingClientRect() ?? { left: 0, top: 0, width: 1, height: 1 };
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };
  const begin = (kind: Drag['kind']) => (event: PointerEvent) => {
    event.preventDefault();
    event.stopPropagation();
    picture.current?.setPointerCapture(event.pointerId);
    drag.current = { kind, from: placeOf(event), before: area };
  };
  const follow = (event: PointerEvent) => {
    if (drag.current !== undefined) setDrawn(areaOf(drag.current, placeOf(event)));
  };
  const end = () => {
    drag.current = undefined;
    // A press that went nowhere draws nothing.
    if (drawn !== undefined && drawn.width > 0.005 && drawn.height > 0.005) keep(drawn);
    else setDrawn(undefined);
  };
  const byKey = (event: KeyboardEvent) => {
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    keep((event.shiftKey ? resizedBy : moved)(area, by));
  };
  const [across, down] = [Math.round(area.width * original.width), Math.round(area.height * original.height)];
  return (
    <div class="focus crop">
      <div
        class="focus-picture"
        ref={picture}
        onPointerDown={begin('draw')}
        onPointerMove={follow}
        onPointerUp={end}
        onPointerCancel={end}
      >
        <img src={original.url} alt="The original" draggable={false} />
        <Faces faces={faces} />
        <button
          type="button"
          class="cut"
          aria-label={`Cut of ${across} by ${down} pixels, ${Math.round(area.x * original.width)} from the left, ${Math.round(area.y * original.height)} from the top; arrow keys move it, with Shift they resize it`}
          style={boxOf(area)}
          onKeyDown={byKey}
          onPointerDown={area === whole ? begin('draw') : begin('move')}
        >
          <span class="corner" onPointerDown={begin('resize')} />
        </button>
      </div>
      <p class="help">
        {across} × {down} of {original.width} × {original.height}. Draw a rectangle, move it, pull its corner; arrow
        keys move it, with Shift they resize it.
        {faces.length > 0 &&
          ` ${faces.length === 1 ? 'A face is found, in a faint box' : `${faces.length} faces are found, in faint boxes`}.`}
      </p>
    </div>
  );
}

const steps: Readonly<Record<string, { readonly x: number; readonly y: number }>> = {
  ArrowLeft: { x: -0.01, y: 0 },
  ArrowRight: { x: 0.01, y: 0 },
  ArrowUp: { x: 0, y: -0.01 },
  ArrowDown: { x: 0, y: 0.01 },
};

function areaOf({ kind, from, before }: Drag, to: { readonly x: number; readonly y: number }): Area {
  if (kind === 'draw') return areaBetween(from, to);
  const by = { x: to.x - from.x, y: to.y - from.y };
  return kind === 'move' ? moved(before, by) : resizedBy(before, by);
}
