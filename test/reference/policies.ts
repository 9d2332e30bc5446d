import {
  type ClosedRule,
  closedRule,
  maxClosedSteps,
  type ParameterName,
  parameterNames,
  parameters,
} from '../../src/grammar/index.ts';

/** What stands beside a preset under `presets`: all else asks for more than the preset does. */
const besidePresets: Readonly<Partial<Record<ParameterName, string>>> = {
  format: 'any, beside a preset',
  quality: '`q_auto`, with any level, beside a preset',
  presets: 'any number of names',
};

export const needsSignature = 'signed';

/** The cell of a parameter under `ladder`. */
export function ladderCell(name: ParameterName): string {
  const rule: ClosedRule = closedRule(name);
  if (rule.kind === 'signed') return needsSignature;
  return rule.kind === 'values' ? rule.values.map((value) => `\`${value}\``).join(' ') : rule.says;
}

/** The cell of a parameter under `presets`. */
export function presetsCell(name: ParameterName): string {
  return besidePresets[name] ?? needsSignature;
}

/** Which parameters an unsigned URL may use under which policy. */
function parametersTable(): string {
  const rows = parameterNames.map(
    (name) => `| \`${parameters[name].key}_\` | all | ${ladderCell(name)} | ${presetsCell(name)} | ${needsSignature} |`,
  );
  return ['| parameter | `any` | `ladder` | `presets` | `none` |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** The chapter of the reference. */
export function policiesChapter(): string {
  return `\`FOVEA_UNSIGNED\` decides what a URL without a signature may ask for; \`${needsSignature}\` below means that this needs one (or a preset
of the configuration). A signed URL may ask for everything. What is refused is 400 under \`ladder\`, with the part and what
would be right, and else 401.

${parametersTable()}

Under \`ladder\` a transformation has at most ${maxClosedSteps} steps that change the picture, and a size on the ladder in every one of them
that has a size. \`snap\` of the configuration makes the next larger step of a size that is not on it.

| what is asked for | \`any\` | \`ladder\` | \`presets\` | \`none\` | counts |
|---|---|---|---|---|---|
| the original itself | yes | yes | signed | signed | no |
| one preset; beside it \`f_auto\`, \`q_auto\`, both or neither | yes | yes | yes | signed | no |
| an alias without variables | yes | yes | yes | signed | no |
| a width of the ladder and no height, with \`c_limit\`, \`c_scale\`, \`c_fill\` or no mode, and \`f_auto\`, \`q_auto\`, both or neither | yes | yes | signed | signed | no |
| what \`warm\` of the configuration names | yes | yes | signed | signed | no |
| several presets | yes | up to ${maxClosedSteps} | yes | signed | yes |
| what else the table above has | yes | yes | signed | signed | yes |
| everything else | yes | signed | signed | signed | yes |

What does not count has been declared by the operator, and always has room; a format that the name's extension asks for is
no other one when it is the original's own. What counts is bounded for each original by \`maxVariantsPerOriginal\` (500), in
every policy: past it a new variant is refused with 400, until some are gone or come back. Nothing that is stored is taken
away for it. A tenth of the budget comes back each hour, up to ten budgets in the store. What is used of it is read off the
stored variants and their times, so it outlives restarts and is shared by all servers on one store, to a tenth. Variants of
signed URLs count as used, and are never refused. Without a store of variants nothing is counted.`;
}
