import type { Context } from '../command.ts';
import type { Compared } from './compare.ts';
import type { Count, ReasonCount, Skipped, Tally } from './tally.ts';

export interface Migration {
  readonly tally: Tally;
  readonly skipped: Skipped;
  /** Undefined where nothing was to be compared. */
  readonly compared: readonly Compared[] | undefined;
}

/** Less than this alike is not the same picture to anybody. */
const alike = 0.95;

const titles = {
  answered: 'answered',
  differs: 'answered, with a difference',
  refused: 'refused',
  unauthorised: 'not permitted',
  missing: 'no such original',
} as const;

/** One document, or some lines for people. */
export async function tellMigration(
  { tally, skipped, compared }: Migration,
  { reasons: shown }: { readonly reasons: number },
  { output }: Context,
): Promise<void> {
  const { outcomes, dialects, countsAllUrls } = tally;
  const total = sumOf(Object.values(outcomes));
  const reasons = [...tally.reasons.values()].toSorted((a, b) => b.requests - a.requests).slice(0, shown);
  const record = {
    ...total,
    countsAllUrls,
    share: shareOf(outcomes.answered, total),
    outcomes,
    dialects: Object.fromEntries(dialects),
    reasons,
    skipped,
    ...(compared !== undefined && { compared: comparison(compared) }),
  };
  const lines = [
    `${total.requests} request(s) for ${countsAllUrls ? '' : 'at least '}${total.urls} URL(s)`,
    ...Object.entries(titles).map(([outcome, title]) =>
      outcomeLine(title, outcomes[outcome as keyof typeof titles], total),
    ),
    ...reasons.map(reasonLine),
    ...[...dialects].map(([name, { requests }]) => `in the language of ${name}: ${requests}`),
    ...skippedLines(skipped),
    ...(compared === undefined ? [] : comparedLines(compared)),
  ];
  await output.print(record, lines.join('\n'));
}

function sumOf(counts: readonly Count[]): Count {
  return counts.reduce((sum, { requests, urls }) => ({ requests: sum.requests + requests, urls: sum.urls + urls }), {
    requests: 0,
    urls: 0,
  });
}

function shareOf({ requests }: Count, total: Count): number {
  return total.requests === 0 ? 0 : Math.round((requests / total.requests) * 10_000) / 10_000;
}

function outcomeLine(title: string, counted: Count, total: Count): string {
  const percent = `${(shareOf(counted, total) * 100).toFixed(1)} %`;
  return `${percent.padStart(7)}  ${title}: ${counted.requests} request(s), ${counted.urls} URL(s)`;
}

function reasonLine({ outcome, parameter, reason, example, requests, urls }: ReasonCount): string {
  const what = parameter === undefined ? titles[outcome] : `${titles[outcome]}, ${parameter}`;
  return `${what}, ${requests} request(s), ${urls} URL(s): ${reason}\n    as in ${example.slice(0, 300)}`;
}

function skippedLines({ unread, unanswered, others }: Skipped): readonly string[] {
  return [
    ...(unread > 0 ? [`${unread} line(s) are of no form that is known`] : []),
    ...(unanswered > 0 ? [`${unanswered} request(s) were not answered with a picture by the old server`] : []),
    ...(others > 0 ? [`${others} request(s) were for other paths`] : []),
  ];
}

function comparison(compared: readonly Compared[]) {
  const both = compared.filter(({ isSameSize }) => isSameSize !== undefined);
  const likenesses = both.flatMap(({ likeness }) => likeness ?? []).toSorted((a, b) => a - b);
  return {
    urls: compared.length,
    pictures: both.length,
    sameSize: both.filter(({ isSameSize }) => isSameSize).length,
    alike: likenesses.filter((likeness) => likeness >= alike).length,
    medianLikeness: likenesses[Math.floor(likenesses.length / 2)],
    onlyOld: compared.filter(({ old, here }) => old.status === 200 && here.status !== 200).length,
    onlyHere: compared.filter(({ old, here }) => old.status !== 200 && here.status === 200).length,
  };
}

function comparedLines(compared: readonly Compared[]): readonly string[] {
  const { urls, pictures, sameSize, alike: likely, medianLikeness = 0, onlyOld, onlyHere } = comparison(compared);
  const differing = compared.filter(({ isSameSize, likeness }) => isSameSize === false || (likeness ?? 1) < alike);
  return [
    `${urls} URL(s) asked of both: ${pictures} pictures, ${sameSize} of the same size, ${likely} alike (median ${medianLikeness})`,
    ...(onlyOld > 0 ? [`${onlyOld} answered by the old server alone`] : []),
    ...(onlyHere > 0 ? [`${onlyHere} answered here alone`] : []),
    ...differing.slice(0, 20).map(differenceLine),
  ];
}

function differenceLine({ url, old, here, likeness }: Compared): string {
  return `    ${old.width} x ${old.height} there, ${here.width} x ${here.height} here, ${likeness} alike: ${url.slice(0, 300)}`;
}
