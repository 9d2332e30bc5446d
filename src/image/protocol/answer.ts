// Of this the render process imports types alone: zod opens more files at once than it may have open.
import { z } from 'zod';
import { mostKept } from './job.ts';

const size = z.number().int().min(1);

/** What a process is after a render. */
const afterwards = {
  rssBytes: z.number(),
  /** Names of the originals whose pixels it keeps. */
  holds: z.array(z.string().max(64)).max(mostKept).readonly(),
};

/** What a render process answers. It handles hostile bytes, so its answer is checked like anybody's. */
export const renderAnswerSchema = z.discriminatedUnion('outcome', [
  /** `build`: names and versions of the libraries that encode. */
  z.object({ outcome: z.literal('ready'), build: z.string().max(2_000), rssBytes: z.number() }),
  z.object({ outcome: z.literal('drawn'), width: size, height: size, frames: size, ...afterwards }),
  z.object({
    outcome: z.literal('failed'),
    kind: z.enum(['too_large', 'unsupported', 'corrupt', 'invalid']),
    /** Whether it is the original that does not decode, as far as it is needed, whatever is drawn of it; or else this picture. */
    fault: z.enum(['original', 'picture']),
    message: z.string().max(500),
    ...afterwards,
  }),
  z.object({ outcome: z.literal('bug'), message: z.string().max(4_000), ...afterwards }),
]);

export type RenderAnswer = z.infer<typeof renderAnswerSchema>;

type WithoutState<Answer> = Answer extends unknown ? Omit<Answer, 'rssBytes' | 'holds'> : never;

/** An answer before the process adds what it holds. */
export type DrawOutcome = WithoutState<Exclude<RenderAnswer, { readonly outcome: 'ready' }>>;
