import cases from './accept-cases.json' with { type: 'json' };

/** A request as a visitor sends it, and what every edge is to make of it. */
export interface AcceptCase {
  readonly path: string;
  /** null: not sent. */
  readonly accept: string | null;
  readonly saveData: string | null;
  readonly token: string;
}

/** Written by write-accept-cases.ts. */
export const acceptCases: readonly AcceptCase[] = cases;
