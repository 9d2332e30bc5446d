import { useEffect, useState } from 'preact/hooks';
import type { Area } from '../url/crop.ts';
import { type Model, pathOf } from '../url/model.ts';

/** Where faces are in an original, in shares of its sides; none where nobody may be told. */
export function useFaces({ id }: Pick<Model, 'id'>, isWanted: boolean, turn: number): readonly Area[] {
  const [faces, setFaces] = useState<readonly Area[]>([]);
  useEffect(() => {
    setFaces([]);
    if (!isWanted) return;
    const leaving = new AbortController();
    found(pathOf({ steps: [[['fl', 'getinfo']]], id }), leaving.signal).then(setFaces, () => undefined);
    return () => leaving.abort();
  }, [id, isWanted, turn]);
  return faces;
}

interface Information {
  readonly input: { readonly width: number; readonly height: number };
  readonly faces: readonly (readonly [left: number, top: number, width: number, height: number])[];
}

async function found(path: string, signal: AbortSignal): Promise<readonly Area[]> {
  const answer = await fetch(path, { signal });
  if (!answer.ok) return [];
  const { input, faces }: Information = await answer.json();
  return faces.map(([left, top, width, height]) => ({
    x: left / input.width,
    y: top / input.height,
    width: width / input.width,
    height: height / input.height,
  }));
}

export function boxOf({ x, y, width, height }: Area) {
  return { left: `${x * 100}%`, top: `${y * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` };
}

/** Faint boxes over whatever picture of the original's shape they lie in. */
export function Faces({ faces }: { readonly faces: readonly Area[] }) {
  return (
    <>
      {faces.map((face) => (
        <span key={`${face.x} ${face.y}`} class="face" aria-hidden="true" style={boxOf(face)} />
      ))}
    </>
  );
}
