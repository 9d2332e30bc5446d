import sharp from 'sharp';

/** Tells one picture of a single shade from another, whatever was drawn of it: the shade is all that it says. */
export function createShadeReader(): (body: Buffer) => Promise<number> {
  // The same few answers come again and again.
  const known = new Map<string, Promise<number>>();
  async function read(body: Buffer): Promise<number> {
    const [red = Number.NaN] = await sharp(body).raw().toBuffer();
    return red;
  }
  return (body) => {
    const name = body.toString('latin1');
    const shade = known.get(name) ?? read(body);
    known.set(name, shade);
    return shade;
  };
}
