import type { GrammarOptions } from '../../grammar-options.ts';
import { chain, component, meaningIn, refuse, type Said } from '../dialect.ts';
import type { Context, Effect, FilterReader, Outcome } from './effect.ts';
import type { Ask } from './path.ts';
import { type ShapeRules, type Shaping, shaped } from './shape.ts';

/** A program's filters, and how it sizes. */
export interface Program extends ShapeRules {
  readonly filters: Readonly<Record<string, FilterReader>>;
}

interface Read {
  readonly drawn: readonly string[];
  readonly shaping: Shaping;
  readonly outcome: Outcome;
  readonly isResized: boolean;
  readonly isTurned: boolean;
}

/** What a path draws, whatever file it is written to. */
export function drawnBy(ask: Ask, program: Program, options: GrammarOptions): readonly string[] {
  const { drawn, shaping } = filtered(ask, program, options);
  return [...shaped(ask, shaping, program), ...drawn];
}

/** What words and filters come to. */
export function said(ask: Ask, program: Program, options: GrammarOptions): Said {
  const { drawn, shaping, outcome } = filtered(ask, program, options);
  const { expires, filename } = outcome;
  if (outcome.isRaw !== true && shaping.isBounded === true && ask.cut !== undefined && program.enlargesFull) {
    throw refuse(program.program, 'no_upscale', 'beside a crop it is not supported');
  }
  const components = written([...shaped(ask, shaping, program), ...drawn, ...chain(output(outcome, ask))]);
  return {
    components: outcome.isRaw === true ? [] : components,
    ...(expires !== undefined && { expires }),
    ...(filename !== undefined && { filename }),
  };
}

/** Even what nothing is asked of is drawn: an original says more than it shows. */
function written(components: readonly string[]): readonly string[] {
  return components.length === 0 ? ['a_0'] : components;
}

function filtered(ask: Ask, program: Program, options: GrammarOptions): Read {
  const start: Read = { drawn: [], shaping: {}, outcome: {}, isResized: false, isTurned: false };
  return (ask.filters ?? []).reduce((read, filter) => {
    const reader = meaningIn(program.filters, filter.name);
    if (reader === undefined) throw refuse(program.program, filter.text, `there is no filter ${filter.name} here`);
    const context: Context = { ask, options, rules: program, isResized: read.isResized, isTurned: read.isTurned };
    return joined(read, reader(filter, context));
  }, start);
}

function joined(read: Read, effect: Effect): Read {
  const flags = [...(read.outcome.flags ?? []), ...(effect.outcome?.flags ?? [])];
  return {
    drawn: [...read.drawn, ...(effect.drawn ?? [])],
    shaping: { ...read.shaping, ...effect.shaping },
    outcome: { ...read.outcome, ...effect.outcome, ...(flags.length > 0 && { flags: [...new Set(flags)] }) },
    isResized: read.isResized || effect.isResized === true,
    isTurned: read.isTurned !== (effect.isTurned === true),
  };
}

function output(outcome: Outcome, { isMeta = false }: Ask): string | undefined {
  const { format, quality, maxBytes, page, filename, isAttachment = false } = outcome;
  const name = filename === undefined ? '' : `:${filename.replaceAll('.', '%2E')}`;
  const flags = [...(outcome.flags ?? []), ...(isMeta ? ['getinfo'] : [])];
  return (
    chain(
      component({
        f: format,
        fl: flags.length === 0 ? undefined : flags.join('.'),
        mb: maxBytes === undefined ? undefined : String(maxBytes),
        pg: page === undefined ? undefined : String(page),
        q: quality === undefined ? undefined : String(quality),
      }),
      isAttachment ? `fl_attachment${name}` : undefined,
    ).join('/') || undefined
  );
}
