/** One parameter as a URL spells it: `['w', '640']`. */
export type Pair = readonly [key: string, value: string];
export type Step = readonly Pair[];

/** What a URL says, step after step. */
export interface Model {
  readonly steps: readonly Step[];
  /** Of the original, as a URL spells it. */
  readonly id: string;
}

/** The path of a model: its one way of being written. */
export function pathOf({ steps, id }: Model): string {
  const components = steps.filter((step) => step.length > 0).map(writtenStep);
  // A folder that reads like a step is told from one by a version before it.
  const isMistakable = /^[a-z]{1,4}_/.test(id) && id.includes('/');
  return `/${[...components, ...(isMistakable ? ['v1'] : []), id].join('/')}`;
}

export function writtenStep(step: Step): string {
  return step.map(([key, value]) => `${key}_${value}`).join(',');
}

/** The model of what the server has read: the transformation in our own language, and the id. */
export function modelOf(transformation: string, id: string): Model {
  const components = transformation.split('/').filter((text) => text !== '');
  return { steps: components.map(stepOf), id: idOf(id) };
}

/** A key as a path has it, in percent-encoding. */
export function idOf(key: string): string {
  return key.split('/').map(spelt).join('/');
}

/** The key that an id spells; what is no percent-encoding stays as somebody has written it. */
export function keyOf(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function spelt(segment: string): string {
  return encodeURIComponent(segment).replace(/%(?:3A|40|2B|24|3B|3D)/g, decodeURIComponent);
}

export function stepOf(component: string): Step {
  return component.split(',').flatMap((part): Pair[] => {
    const at = part.indexOf('_');
    return at < 1 ? [] : [[part.slice(0, at), part.slice(at + 1)]];
  });
}

/** The step that a parameter stands in; undefined where it stands in none. */
export function placeOf({ steps }: Model, key: string): number | undefined {
  const at = steps.findLastIndex((step) => step.some(([one]) => one === key));
  return at < 0 ? undefined : at;
}

export function valueAt(step: Step | undefined, key: string): string | undefined {
  return step?.find(([one]) => one === key)?.[1];
}

/** A step with another value of a parameter; undefined takes it away. */
export function withValue(step: Step, key: string, value: string | undefined): Step {
  if (value === undefined) return step.filter(([one]) => one !== key);
  if (valueAt(step, key) === undefined) return [...step, [key, value]];
  return step.map((pair): Pair => (pair[0] === key ? [key, value] : pair));
}

export function withStep(model: Model, at: number, step: Step): Model {
  return { ...model, steps: model.steps.map((one, index) => (index === at ? step : one)) };
}

/** What is said once for a whole chain goes where it stands, else into a last step of its own. */
export function withOutput(
  model: Model,
  { key, value, outputKeys }: { key: string; value: string | undefined; outputKeys: ReadonlySet<string> },
): Model {
  const at = placeOf(model, key) ?? lastOutputStep(model, outputKeys);
  if (at !== undefined) {
    const changed = withStep(model, at, withValue(model.steps[at] ?? [], key, value));
    return { ...changed, steps: changed.steps.filter((step) => step.length > 0) };
  }
  return value === undefined ? model : { ...model, steps: [...model.steps, [[key, value]]] };
}

export function isOutputStep(step: Step, outputKeys: ReadonlySet<string>): boolean {
  return step.length > 0 && step.every(([key]) => outputKeys.has(key));
}

function lastOutputStep({ steps }: Model, outputKeys: ReadonlySet<string>): number | undefined {
  const last = steps.at(-1);
  return last !== undefined && isOutputStep(last, outputKeys) ? steps.length - 1 : undefined;
}

/** A step more, before what is said of the output. */
export function withNewStep(model: Model, step: Step, outputKeys: ReadonlySet<string>): { model: Model; at: number } {
  const at = lastOutputStep(model, outputKeys) ?? model.steps.length;
  return { model: { ...model, steps: model.steps.toSpliced(at, 0, step) }, at };
}
