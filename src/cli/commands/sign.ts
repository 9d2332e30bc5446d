import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { Failure, isFailure } from '../../failure.ts';
import { type GrammarOptions, type ImageRequest, parseTarget } from '../../grammar/index.ts';
import { type SignatureScheme, sign as signatureOf } from '../../signing.ts';
import { defineCommand, duration } from '../command.ts';
import { wordsOf } from '../keys.ts';
import { tellFailure, throwIfFailed } from '../walk.ts';

/** As many as the digest has that signatures are made by: more would be no safer. */
const newSecretBytes = 32;

export const signCommand = defineCommand({
  name: 'sign',
  summary: 'sign URLs, so that they may ask for what unsigned ones may not',
  notes: [
    'Signs with the first of FOVEA_SIGNING_SECRETS, as Cloudinary’s client libraries do. A URL that cannot be signed is told',
    'on stderr, and the others are signed all the same.',
  ],
  words: ['[urls...]', 'URLs, or their paths; - reads them from stdin, one a line'],
  options: [
    ['--new-secret', 'prints a secret for FOVEA_SIGNING_SECRETS, made here of 32 random bytes, and signs nothing'],
    ['--long', '32 characters of SHA-256 instead of 8 of SHA-1'],
    ['--expires <duration>', 'how long they may be used: 90s, 30m, 24h, 7d; for ever when absent'],
  ],
  schema: z.object({
    newSecret: z.boolean().default(false),
    long: z.boolean().default(false),
    expires: duration.optional(),
  }),
  examples: [
    ['fovea sign /w_400,h_300/cats/tom.jpg', 'prints /s--…--/w_400,h_300/cats/tom.jpg'],
    ['fovea sign --long https://img.example/shop/image/upload/w_400/cats/tom.jpg', 'the signature where it belongs'],
    ['fovea sign --expires 24h - < urls.txt', 'many, until tomorrow'],
    ['fovea sign --new-secret', 'a secret that nobody guesses'],
  ],
  async run({ words, options, context }) {
    if (options.newSecret) {
      if (words.length > 0) throw new Failure('invalid', '--new-secret signs nothing: expected no URL beside it.');
      const secret = randomBytes(newSecretBytes).toString('base64url');
      await context.output.print({ secret }, secret);
      return;
    }
    if (words.length === 0) throw new Failure('invalid', 'There is nothing to sign: expected URLs, or - for stdin.');
    const { settings } = await context.open();
    const [secret] = settings.signingSecrets;
    if (secret === undefined) {
      throw new Failure('invalid', 'There is nothing to sign with: expected a secret in FOVEA_SIGNING_SECRETS.');
    }
    const isLong = options.long || settings.signatureLength === 32;
    const scheme: SignatureScheme = isLong ? 'sha256-long' : 'sha1';
    const end = options.expires === undefined ? [] : [`x-${Math.floor((Date.now() + options.expires) / 1000)}`];
    const tally = { done: 0, failed: 0, firstFailure: undefined as Failure | undefined };
    for await (const url of wordsOf(words, context)) {
      try {
        const signed = signUrl(url, { secret, scheme, grammar: settings.grammar, end });
        await context.output.print({ url, signed }, signed);
        tally.done += 1;
      } catch (error) {
        if (!isFailure(error)) throw error;
        tally.failed += 1;
        tally.firstFailure ??= error;
        await tellFailure(url, error, context.output);
      }
    }
    throwIfFailed(tally);
  },
});

interface Signing {
  readonly secret: string;
  readonly scheme: SignatureScheme;
  readonly grammar: GrammarOptions;
  /** The segment behind the signature that says until when, if any. */
  readonly end: readonly string[];
}

/** Shortest and longest are read alike: what it stands before is what counts. */
const placeholder = 's--AAAAAAAA--';

function signUrl(url: string, { secret, scheme, grammar, end }: Signing): string {
  const [, origin = '', target = ''] = /^(https?:\/\/[^/?#]*)?([^#]*)/i.exec(url) ?? [];
  const unsigned = parseTarget(target, grammar);
  if (unsigned.signature !== undefined) throw new Failure('invalid', 'The URL is signed already.');
  const segments = target.slice(1).split('/');
  // Where the signature belongs only the grammar knows: the first place where it changes nothing else.
  for (const at of segments.keys()) {
    const candidate = `/${segments.toSpliced(at, 0, placeholder, ...end).join('/')}`;
    const text = signedText(candidate, unsigned, grammar);
    if (text === undefined) continue;
    checkCrop(candidate, unsigned, grammar);
    const signature = `s--${signatureOf(text, secret, scheme)}--`;
    return `${origin}/${segments.toSpliced(at, 0, signature, ...end).join('/')}`;
  }
  throw new Failure('invalid', 'This kind of URL has no place for a signature.');
}

/** Failure `invalid` for what would be another picture with a signature than without. */
function checkCrop(candidate: string, unsigned: ImageRequest, grammar: GrammarOptions): void {
  const signed = parseTarget(candidate, grammar);
  if (isDeepStrictEqual(picturesOf(signed.transform?.steps), picturesOf(unsigned.transform?.steps))) return;
  throw new Failure(
    'invalid',
    `A size without c_ means c_${grammar.defaultCrop} wherever it is signed, and c_scale here: write the one that is meant.`,
  );
}

type TransformSteps = NonNullable<ImageRequest['transform']>['steps'];

/** The modes that give one picture where a single side is given are one here. */
function picturesOf(steps: TransformSteps = []): TransformSteps {
  return steps.map((step) => {
    const { crop, width, height, aspectRatio, layer, choice } = step;
    const isOneSided = (width === undefined) !== (height === undefined) && aspectRatio === undefined;
    const isAlike = isOneSided && (crop === 'fill' || crop === 'fit');
    return {
      ...step,
      ...(isAlike && { crop: 'scale' }),
      ...(layer && { layer: { ...layer, steps: picturesOf(layer.steps) } }),
      ...(choice && { choice: { ...choice, met: picturesOf(choice.met), unmet: picturesOf(choice.unmet) } }),
    };
  });
}

/** What is signed, if the grammar takes the candidate for the same request with a signature. */
function signedText(candidate: string, unsigned: ImageRequest, grammar: GrammarOptions): string | undefined {
  try {
    const { signature, ...request } = parseTarget(candidate, grammar);
    const isSame =
      request.id === unsigned.id &&
      request.delivery === unsigned.delivery &&
      request.transformationText === unsigned.transformationText;
    return isSame ? signature?.signed[0] : undefined;
  } catch (error) {
    if (isFailure(error, 'invalid')) return undefined;
    throw error;
  }
}
