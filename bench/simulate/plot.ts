/** One line of a plot. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [gigabytes: number, hitRatio: number])[];
}

const box = { left: 60, top: 20, width: 560, height: 300 };
const strokes = ['#1b6ca8', '#c1440e', '#3a7d44'];

/** Hit ratio over cache size, as SVG: sizes in powers of four from left to right. */
export function plot(lines: readonly Line[]): string {
  const sizes = lines[0]?.points.map(([gigabytes]) => gigabytes) ?? [];
  const x = (index: number) => box.left + (index / Math.max(1, sizes.length - 1)) * box.width;
  const y = (ratio: number) => box.top + (1 - ratio) * box.height;
  const ratios = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const grid = ratios.map(
    (ratio) =>
      `<path d="M${box.left} ${y(ratio)}h${box.width}" stroke="#ddd"/>` +
      `<text x="${box.left - 8}" y="${y(ratio) + 4}" text-anchor="end">${Math.round(ratio * 100)} %</text>`,
  );
  const ticks = sizes.map(
    (size, index) =>
      `<text x="${x(index)}" y="${box.top + box.height + 20}" text-anchor="middle">${size < 1 ? size : Math.round(size)}</text>`,
  );
  const drawn = lines.map(({ name, points }, line) => {
    const path = points.map(
      ([, ratio], index) => `${index === 0 ? 'M' : 'L'}${x(index).toFixed(1)} ${y(ratio).toFixed(1)}`,
    );
    const stroke = strokes[line % strokes.length];
    return (
      `<path d="${path.join('')}" fill="none" stroke="${stroke}" stroke-width="2"/>` +
      `<text x="${box.left + box.width - 8}" y="${box.top + box.height - 60 + line * 18}" text-anchor="end" fill="${stroke}">${name}</text>`
    );
  });
  const bottom = box.top + box.height + 42;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 ${bottom + 12}" font-family="sans-serif" font-size="13">`,
    '<title>Hit ratio by the size of one cache</title>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...grid,
    ...ticks,
    ...drawn,
    `<text x="${box.left + box.width / 2}" y="${bottom}" text-anchor="middle">bytes of one cache, GB</text>`,
    '</svg>',
    '',
  ].join('\n');
}
