import type { IdentifiedOriginal } from '../identify/identified.ts';
import {
  type OpenedOriginal,
  type OpenOriginalOptions,
  type OpenOriginalParts,
  openOriginal,
} from './opened-original.ts';
import { createPlainDrawings, drawingEtag, openDrawing, type PlainDrawing } from './plain-drawings.ts';

/** How originals are sent themselves. */
export interface SentOriginals {
  /** The original's untouched bytes, or a part of them, as a stream that the caller reads to its end or destroys. */
  openOriginal(identified: IdentifiedOriginal, options: OpenOriginalOptions): Promise<OpenedOriginal>;
  /** The tag of an original's drawing of lines, as it is known now. */
  drawingEtag(identified: IdentifiedOriginal): string;
  /** The original as a drawing of lines that may be sent, without what could run in it; undefined where it is none. */
  openDrawing(identified: IdentifiedOriginal, signal: AbortSignal): Promise<PlainDrawing | undefined>;
}

interface SentOriginalsParts extends Omit<OpenOriginalParts, 'types'> {
  /** Takes note of what was sent. */
  readonly note: (source: string) => void;
}

export function createSentOriginals({ note, ...given }: SentOriginalsParts): SentOriginals {
  const parts = { ...given, types: new WeakMap(), drawings: createPlainDrawings() };
  return {
    async openOriginal(identified, options) {
      const opened = await openOriginal(parts, identified, options);
      note(identified.identity.source);
      return opened;
    },
    drawingEtag: ({ identity }) => drawingEtag(identity.source, identity.state.version),
    async openDrawing(identified, signal) {
      const drawing = await openDrawing(parts, identified, signal);
      if (drawing !== undefined) note(identified.identity.source);
      return drawing;
    },
  };
}
