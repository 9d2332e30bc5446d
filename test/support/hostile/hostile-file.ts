/**
 * What has to happen when somebody asks for a picture of it: `drawn` (200), `refused` (413, 415 or 422, whatever is asked
 * for), or `either`, where decoders may differ from one version to the next.
 */
export type Fate = 'drawn' | 'refused' | 'either';

/** A file that somebody might upload to hurt, the same bytes every time. */
export interface HostileFile {
  /** `class/what-is-wrong-with-it`. */
  readonly name: string;
  readonly fate: Fate;
  readonly make: () => Buffer | Promise<Buffer>;
  /** Takes long to make or to draw: left out where time is short. */
  readonly isHeavy?: boolean;
}

type Make = HostileFile['make'];

/** Files of one class, as rows of a table. */
export function filesOf(
  kind: string,
  rows: readonly (readonly [what: string, fate: Fate, make: Make, weight?: 'heavy'])[],
): readonly HostileFile[] {
  return rows.map(([what, fate, make, weight]) => ({
    name: `${kind}/${what}`,
    fate,
    make,
    ...(weight === 'heavy' ? { isHeavy: true } : {}),
  }));
}

/** The same bytes so many times. */
export function repeat(bytes: Buffer, count: number): Buffer {
  return Buffer.alloc(bytes.length * count, bytes);
}
