import sharp, { type CreateText } from 'sharp';
import { Failure } from '../../../failure.ts';
import { checkWork } from '../../protocol/output-limits.ts';
import { type LayerText, roomOf, spacingOf } from '../../protocol/text-room.ts';
import { type Picture, pictureOf } from '../picture/picture.ts';
import type { ChainContext } from './chain-context.ts';

/** Text whose letters could reach further than this, if each were as wide as it is high, is drawn small first. */
const surePixels = 4_096;
/** How small at most: enough to tell how large it would become. */
const mostTrialSize = 10;

/** Draws text as a picture just large enough for it. */
export async function drawText(
  source: LayerText,
  { start, limits }: Pick<ChainContext, 'start' | 'limits'>,
): Promise<Picture> {
  if (source.styles.includes('stroke')) throw new Failure('invalid', 'The text style stroke is not supported.');
  const room = roomOf(source);
  if (Math.max(room.width, room.height) > surePixels) {
    const trialSize = Math.min(mostTrialSize, source.size);
    const scale = source.size / trialSize;
    const { width, height } = await inkOf({ ...source, size: trialSize }, scale);
    const size = { width: Math.ceil(width * scale), height: Math.ceil(height * scale) };
    checkWork(size, { start, frames: 1 }, limits);
  }
  return pictureOf({ ...(await pixelsOf(source)), frames: 1 });
}

/** How large it would be with its letters, and what is between them, so many times smaller. */
async function inkOf(source: LayerText, scale: number) {
  return (await pixelsOf(source, scale)).size;
}

async function pixelsOf(source: LayerText, scale = 1) {
  if (source.text.trim() === '') throw new Failure('invalid', 'A text layer needs letters, not only spaces.');
  const { data, info } = await sharp({ text: textOf(source, scale), limitInputPixels: false })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { data, size: { width, height }, channels: info.channels };
}

function textOf({ text, font, size, styles, colour = '000000' }: LayerText, scale: number): CreateText {
  const weight = styles.filter((style) => ['thin', 'light', 'bold', 'italic'].includes(style));
  const align = styles.includes('center')
    ? 'centre'
    : styles.includes('right') || styles.includes('end')
      ? 'right'
      : 'left';
  return {
    text: marked(text, { styles, colour, letterSpacing: spacingOf(styles, 'letter') / scale }),
    // The comma ends the family's name: words in it are no styles.
    font: `${font}, ${[...weight, size].join(' ')}`,
    // A point is a pixel.
    dpi: 72,
    rgba: true,
    align,
    justify: styles.includes('justify'),
    spacing: Math.round(spacingOf(styles, 'line') / scale),
  };
}

interface Marks {
  readonly styles: readonly string[];
  readonly colour: string;
  /** Pixels. */
  readonly letterSpacing: number;
}

/** Pango's markup; the text itself can hold none. */
function marked(text: string, { styles, colour, letterSpacing }: Marks): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const attributes = [
    `foreground="#${colour}"`,
    ...(styles.includes('underline') ? ['underline="single"'] : []),
    ...(styles.includes('strikethrough') ? ['strikethrough="true"'] : []),
    // In 1,024ths of a point.
    ...(letterSpacing === 0 ? [] : [`letter_spacing="${Math.round(letterSpacing * 1024)}"`]),
  ];
  return `<span ${attributes.join(' ')}>${escaped}</span>`;
}
