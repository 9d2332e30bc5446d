import { type Dialect, pairsOf, type QueryDialect, type RawTarget, refuse, type Said } from '../dialect.ts';
import { drawnLayer } from './layers.ts';
import { program, stepsOf } from './parts.ts';
import { drawnStep } from './step.ts';

/** No end. */
const never = '9999999999';
/**
 * The end is signed right behind the query. Were it of any length, the last digits of a value could be taken for its first, so that
 * the signature of a URL that has expired would serve for another for ever.
 */
const tenDigits = /^[1-9]\d{9}$/;

/**
 * ImageKit's query: `/a.jpg?tr=w-128,h-128,c-maintain_ratio:rt-90`. Undefined without `tr` and without a signature. What else it
 * says is of the account's own making, as there.
 */
export const readImageKit: QueryDialect = (target) => {
  const written = optionIn(target.query, 'tr');
  if (written === undefined && optionIn(target.query, 'ik-s') === undefined) return undefined;
  return saidBy(written ?? '', target);
};

/** The same in the path: `/tr:w-128,h-128/folder/a.jpg`, behind the name of an account as well. */
export const readImageKitPath: Dialect = (target) => {
  const { segments } = target;
  const at = segments.findIndex((segment) => /^tr(?::|%3a)/i.test(segment));
  if (at < 0 || at > 1 || at === segments.length - 1) return undefined;
  const written = decodeURIComponent(segments[at] ?? '').slice('tr:'.length);
  return { rawId: segments.filter((_, index) => index !== at), ...saidBy(written, target), usesQuery: true };
};

function saidBy(written: string, target: RawTarget): Said {
  const signature = optionIn(target.query, 'ik-s');
  const end = optionIn(target.query, 'ik-t');
  if (end !== undefined && !tenDigits.test(end))
    throw refuse(program, `ik-t=${end}`, 'expected seconds since 1970, in ten digits');
  return {
    components: componentsOf(written, optionIn(target.query, 'ik-attachment') === 'true'),
    ...(signature !== undefined && { proof: { value: signature, text: signedText(target, end ?? never) } }),
    ...(end !== undefined && end !== never && { expires: Number(end) }),
  };
}

function componentsOf(written: string, isAttachment: boolean): readonly string[] {
  const attachment = isAttachment ? ['fl_attachment'] : [];
  if (written === 'orig-true') return attachment;
  const steps = stepsOf(written).flatMap(({ parts, layers }) => [...drawnStep(parts), ...layers.flatMap(drawnLayer)]);
  return [...steps, ...attachment];
}

/** Path and query as they came, without what signs them, and the end. */
function signedText({ segments, query }: RawTarget, end: string): string {
  const rest = pairsOf(query).filter((pair) => pair !== '' && !/^ik-[st]=/.test(pair));
  return `${segments.join('/')}${rest.length === 0 ? '' : `?${rest.join('&')}`}${end}`;
}

function optionIn(query: string, name: string): string | undefined {
  const pair = pairsOf(query).find((one) => one.startsWith(`${name}=`));
  return pair === undefined ? undefined : decodeURIComponent(pair.slice(name.length + 1));
}
