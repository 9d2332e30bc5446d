/** A colour at a place, both told apart from what they were before. */
export interface Spot {
  /** Shares of width and height. */
  readonly at: readonly [x: number, y: number];
  /** Red, green, blue and, where it counts, alpha; each within 40. */
  readonly colour: readonly number[];
}

/** The colour at shares of width and height. */
export type Look = (x: number, y: number) => readonly number[];

/** What a URL that a client printed has to be answered with. */
export interface Row {
  readonly name: string;
  /** As printed: with a host, or a path. */
  readonly url: string;
  readonly answer:
    | {
        readonly size: readonly [width: number, height: number];
        readonly format: string;
        readonly spots: readonly Spot[];
        /** For effects whose exact colours are the server's own. */
        readonly isAsMeant: ((at: Look) => boolean) | undefined;
      }
    /** 400, and a message that says this. */
    | { readonly refused: RegExp };
}

/** The picture that all rows are about: 600×400, clockwise from the top left red, green, blue, yellow. */
export const quarters = { red: [254, 0, 0], green: [0, 255, 1], blue: [0, 0, 254], yellow: [255, 255, 0] } as const;

export function picture(
  name: string,
  url: string,
  width: number,
  height: number,
  more: Partial<{ format: string; spots: readonly Spot[]; isAsMeant: (at: Look) => boolean }> = {},
): Row {
  const { format = 'jpeg', spots = [], isAsMeant } = more;
  return { name, url, answer: { size: [width, height], format, spots, isAsMeant } };
}

export function refused(name: string, url: string, message: RegExp): Row {
  return { name, url, answer: { refused: message } };
}

export function spot(x: number, y: number, colour: readonly number[]): Spot {
  return { at: [x, y], colour };
}

/** What effects do to the middle of the red quarter and elsewhere, as anybody would see it. */
export const effects = {
  isGrey: (at: Look) => {
    const [red = 0, green = 0, blue = 0] = at(0.25, 0.25);
    return Math.max(red, green, blue) - Math.min(red, green, blue) < 12;
  },
  isBrown: (at: Look) => {
    const [red = 0, green = 0, blue = 0] = at(0.25, 0.25);
    return green > 40 && red > green && green > blue;
  },
  isDarker: (at: Look) => sum(at(0.25, 0.25)) < 200,
  isOfAnotherHue: (at: Look) => (at(0.25, 0.25)[0] ?? 255) < 200 || (at(0.25, 0.25)[1] ?? 0) > 60,
  hasDarkCorners: (at: Look) => sum(at(0.01, 0.01)) < sum(at(0.4, 0.4)) - 40,
  hasSoftEdges: (at: Look) => {
    const [red = 0, green = 0] = at(0.5, 0.2);
    return red > 60 && red < 200 && green > 60 && green < 200;
  },
  /** Letters in a band of the picture that begins there: neither of the quarters' colours. */
  hasText: (top: number) => (at: Look) => {
    const places = Array.from({ length: 90 * 28 }, (_, index) =>
      at(0.05 + (index % 90) / 100, top + Math.floor(index / 90) / 100),
    );
    const plain = Object.values(quarters);
    const isPlain = (colour: readonly number[]) =>
      plain.some((quarter) => quarter.every((value, channel) => Math.abs(value - (colour[channel] ?? 0)) < 70));
    return places.filter((colour) => !isPlain(colour)).length > 60;
  },
};

function sum(colour: readonly number[]): number {
  return colour.slice(0, 3).reduce((total, value) => total + value, 0);
}

/** The four quarters where they belong: nothing was cut unevenly, turned or recoloured. */
export const upright: readonly Spot[] = [
  spot(0.25, 0.25, quarters.red),
  spot(0.75, 0.25, quarters.green),
  spot(0.75, 0.75, quarters.blue),
  spot(0.25, 0.75, quarters.yellow),
];
