import { useEffect, useState } from 'preact/hooks';
import { type Client, type Explanation, explain } from '../url/api.ts';
import { describeAll } from '../url/gallery.ts';
import { keyOf, type Model, pathOf } from '../url/model.ts';
import { type Shown, usePicture } from './use-picture.ts';

const anyClient: Client = { accept: undefined, saveData: false };

/** What the picture is compared with: the original where the shape is the same, else the same cut without any loss. */
export function useBefore(
  model: Model,
  shown: Shown | undefined,
  { outputKeys, turn }: { readonly outputKeys: ReadonlySet<string>; readonly turn: number },
) {
  const originalPath = pathOf({ steps: [], id: model.id });
  const { shown: original } = usePicture(originalPath, anyClient, turn);
  const current = original?.path === originalPath ? original : undefined;
  const isSameShape =
    current !== undefined &&
    shown !== undefined &&
    Math.abs(current.width / current.height / (shown.width / shown.height) - 1) < 0.01;
  const steps = model.steps.map((step) => step.filter(([key]) => !outputKeys.has(key)));
  const lossless = pathOf({ ...model, steps: [...steps, [['f', 'png']]] });
  const isWanted = shown !== undefined && shown.path === pathOf(model) && current !== undefined && !isSameShape;
  const { shown: cut } = usePicture(isWanted ? lossless : undefined, anyClient, turn);
  const isCut = cut?.path === lossless;
  if (isSameShape) return { original: current, before: current, beforeName: 'original' };
  return { original: current, before: isCut ? cut : undefined, beforeName: 'lossless' };
}

export function useExplanation(path: string, isReady: boolean, turn: number): Explanation | undefined {
  const [explanation, setExplanation] = useState<Explanation>();
  useEffect(() => {
    if (!isReady) return;
    const leaving = new AbortController();
    explain(path, leaving.signal).then(setExplanation, () => undefined);
    return () => leaving.abort();
  }, [path, isReady, turn]);
  return explanation;
}

/** What the original shows, in words, once a picture of it is there; empty where nobody has said so. */
export function useAlt(
  { id }: Model,
  token: string,
  { isReady, turn }: { readonly isReady: boolean; readonly turn: number },
) {
  const [alt, setAlt] = useState('');
  useEffect(() => {
    if (!isReady) return;
    let isCurrent = true;
    describeAll([keyOf(id)], token).then(
      ([info]) => isCurrent && setAlt(info?.alt ?? ''),
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [id, token, isReady, turn]);
  return alt;
}
