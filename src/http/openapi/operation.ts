import type { z } from 'zod';

/** What a body is: of a schema in JSON, or of a media type alone. */
export type Content = z.ZodType | `${string}/${string}`;

export interface AnswerDescription {
  readonly means: string;
  /** Undefined: no body. */
  readonly content?: Content;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a route means, beside what its row in `routes.ts` says. */
export interface Operation {
  /** A few words, as for a table of contents. */
  readonly summary: string;
  readonly description?: string;
  /** Of the query: by the schema that checks it, or what each name means. */
  readonly query?: z.ZodObject | Readonly<Record<string, string>>;
  /** Headers of the request, and what each means. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bodies that are taken, the first of them usually. */
  readonly bodies?: readonly Content[];
  /** By status; failures beside these are problems (RFC 9457). */
  readonly answers: Readonly<Record<number, AnswerDescription>>;
}

/** Operations by method and path, as `routes.ts` writes them. */
export type Operations = Readonly<Record<string, Operation>>;
