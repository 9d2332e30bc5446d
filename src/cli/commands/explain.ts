import { z } from 'zod';
import { Failure } from '../../failure.ts';
import { defineCommand } from '../command.ts';
import type { UrlExplanation } from '../operations.ts';

export const explainCommand = defineCommand({
  name: 'explain',
  summary: 'tell what a URL means, what it comes to, and why it is refused',
  notes: ['As the server would answer it, drawing nothing. Whoever asks it over HTTP: GET /-/explain?url=…'],
  words: ['<url>', 'path or whole URL of a picture'],
  options: [['--forwarded', 'as it is when somebody else has passed it on to a loopback listener']],
  schema: z.object({ forwarded: z.boolean().default(false) }),
  examples: [
    ["fovea explain '/w_400,f_auto/cats/tom.jpg'", 'its parts, its canonical form, what is stored'],
    ['fovea explain https://img.example.com/w400/cats/tom.jpg --json', 'why it is refused, for a program'],
  ],
  async run({ words, options, context }) {
    const [url = ''] = words;
    if (url === '') throw new Failure('invalid', 'Expected a URL to explain.');
    const operations = await context.open();
    // A shell's users leave the slash out; a whole URL keeps its own.
    const asked = /^(?:\/|https?:)/i.test(url) ? url : `/${url}`;
    const explanation = await operations.explain(asked, { signal: context.signal, wasForwarded: options.forwarded });
    await context.output.print(explanation, linesFor(explanation, operations.settings.exposure));
  },
});

function linesFor(told: UrlExplanation, exposure: Parameters<typeof policyLine>[0]): string {
  const parts = told.parts ?? [];
  const width = Math.max(0, ...parts.map(({ written }) => written.length));
  return [
    told.url,
    ...(told.dialect === undefined ? [] : [`  written as  ${told.dialect}`]),
    ...parts.map(({ written, means }) => `  ${written.padEnd(width)}  ${means}`),
    ...(told.id === undefined ? [] : [`  original    ${told.id}`]),
    `  signed      ${told.isSigned === true ? 'yes' : `no; ${policyLine(exposure)}`}`,
    ...(told.vary === undefined ? [] : [`  hangs on    ${told.vary}`]),
    ...(told.answers ?? []).flatMap(answerLines),
    ...(told.refused === undefined ? [] : [`  refused     ${told.refused.status}: ${told.refused.detail}`]),
  ].join('\n');
}

function answerLines({ accept, key, canonical, etag, cacheTag, kept }: NonNullable<UrlExplanation['answers']>[number]) {
  return [
    ...(accept === undefined ? [] : [`  for ${accept}`]),
    `  found       ${key ?? ''}`,
    `  canonical   ${canonical ?? 'the original as it is'}`,
    `  tag         ${etag}, ${cacheTag}`,
    ...(kept === undefined ? [] : [`  kept        ${kept === 'nowhere' ? 'not yet' : `in the ${kept}`}`]),
  ];
}

interface Policy {
  readonly unsigned: string;
  readonly protected: { readonly private: readonly string[]; readonly authenticated: readonly string[] };
}

function policyLine({ unsigned, protected: folders }: Policy): string {
  const held = [...folders.private, ...folders.authenticated];
  return `FOVEA_UNSIGNED is ${unsigned}${held.length === 0 ? '' : `, and ${held.join(', ')} protected`}`;
}
