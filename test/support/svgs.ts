/** An SVG that says so of itself, and holds that. */
export function svg(attributes: string, content: string): Buffer {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${content}</svg>`,
  );
}

/** Groups in groups, each with these attributes, and a picture full of colour in each. */
export function groupsInGroups(attributes: string): Buffer {
  const content = '<rect width="300" height="200" fill="#08f"/>';
  return svg('width="300" height="200"', `<g ${attributes}>${content}`.repeat(8) + '</g>'.repeat(8));
}

export function manyLines(count: number): Buffer {
  const lines = Array.from(
    { length: count },
    (_, index) => `<path d="M${index % 200} 0L9 ${index % 150}" stroke="red"/>`,
  );
  return svg('width="200" height="150"', lines.join(''));
}

export function longPath(corners: number): Buffer {
  const path = Array.from({ length: corners }, (_, index) => `L${index % 200} ${index % 150}`);
  return svg('width="200" height="150"', `<path d="M0 0${path.join('')}" stroke="red"/>`);
}

export function blurredLight(): Buffer {
  const filter =
    '<filter id="f"><feGaussianBlur stdDeviation="8"/><feOffset dx="4"/><feComposite in="SourceGraphic"/></filter>';
  return svg('width="300" height="200"', `${filter}<rect width="300" height="200" fill="red" filter="url(#f)"/>`);
}
