import {
  isOutputStep,
  type Model,
  type Pair,
  placeOf,
  type Step,
  valueAt,
  withNewStep,
  withOutput,
  withStep,
  withValue,
  writtenStep,
} from '../url/model.ts';
import { labelOf, type Option, type Options } from '../url/options.ts';
import { ParameterRow } from './controls.tsx';

export interface EditProps {
  readonly model: Model;
  readonly options: Options;
  /** The part that the server refused. */
  readonly bad: string | undefined;
  /** `what` names the control, by which moves of one slider are one step of the browser's history. */
  readonly edit: (model: Model, what: string) => void;
}

/** The chain, step after step. */
export function Steps({ model, options, bad, edit }: EditProps) {
  const own = model.steps
    .map((step, at) => ({ step, at }))
    .filter(({ step }) => !isOutputStep(step, options.outputKeys));
  return (
    <section aria-labelledby="steps-title">
      <h2 id="steps-title">Steps</h2>
      <ol class="steps">
        {own.map(({ step, at }, index) => (
          <StepItem
            key={at}
            step={step}
            at={at}
            number={index + 1}
            count={own.length}
            model={model}
            options={options}
            bad={bad}
            edit={edit}
          />
        ))}
      </ol>
      <AddMenu
        label="Add a step"
        options={options.all.filter(({ group }) => group !== 'output')}
        add={(option) => edit(withNewStep(model, startOf(option), options.outputKeys).model, `new ${option.key}`)}
      />
    </section>
  );
}

/** What a step begins with: the example that the reference has, in good company. */
function startOf(option: Option): Step {
  const value = option.example.slice(option.key.length + 1);
  const own: Pair = [option.key, value];
  const beside: Readonly<Record<string, readonly Pair[]>> = {
    w: [['c', 'limit']],
    h: [['c', 'limit']],
    ar: [['c', 'fill']],
    c: [
      ['w', '640'],
      ['h', '640'],
    ],
    g: [
      ['c', 'fill'],
      ['w', '640'],
      ['h', '640'],
    ],
    x: [
      ['c', 'crop'],
      ['g', 'north_west'],
      ['w', '400'],
      ['h', '400'],
    ],
    y: [
      ['c', 'crop'],
      ['g', 'north_west'],
      ['w', '400'],
      ['h', '400'],
    ],
    z: [
      ['c', 'thumb'],
      ['g', 'face'],
      ['w', '320'],
      ['h', '320'],
    ],
    b: [
      ['c', 'pad'],
      ['w', '640'],
      ['h', '640'],
    ],
    co: [['e', 'colorize:40']],
    te: [['e', 'trim:10']],
    mw: [
      ['c', 'limit'],
      ['w', '640'],
    ],
    mh: [
      ['c', 'limit'],
      ['h', '640'],
    ],
    ldpr: [
      ['c', 'limit'],
      ['w', '640'],
    ],
  };
  return [...(beside[option.key] ?? []), own];
}

interface StepProps extends EditProps {
  readonly step: Step;
  readonly at: number;
  readonly number: number;
  readonly count: number;
}

function StepItem({ step, at, number, count, model, options, bad, edit }: StepProps) {
  const name = `Step ${number}`;
  const set = (key: string, value: string | undefined) => {
    const changed = withStep(model, at, withValue(step, key, value));
    edit({ ...changed, steps: changed.steps.filter((one) => one.length > 0) }, `${at} ${key}`);
  };
  const move = (by: number) => {
    const steps = model.steps.filter((_, index) => index !== at);
    steps.splice(at + by, 0, step);
    edit({ ...model, steps }, `move ${at}`);
  };
  const known = step.flatMap(([key]) => options.byKey.get(key) ?? []);
  const absent = options.all.filter(({ key, group }) => group !== 'output' && valueAt(step, key) === undefined);
  return (
    <li class="step">
      <header>
        <h3>
          <span class="number">{number}</span> <code>{writtenStep(step)}</code>
        </h3>
        <button
          type="button"
          class="icon"
          aria-label={`${name} earlier`}
          disabled={number === 1}
          onClick={() => move(-1)}
        >
          ↑
        </button>
        <button
          type="button"
          class="icon"
          aria-label={`${name} later`}
          disabled={number === count}
          onClick={() => move(1)}
        >
          ↓
        </button>
        <button
          type="button"
          class="icon"
          aria-label={`Remove ${name}`}
          onClick={() => edit({ ...model, steps: model.steps.filter((_, index) => index !== at) }, `remove ${at}`)}
        >
          ×
        </button>
      </header>
      {known.map((option) => (
        <ParameterRow
          key={option.key}
          option={option}
          within={name}
          value={valueAt(step, option.key)}
          isBad={bad === `${option.key}_${valueAt(step, option.key)}`}
          isRemovable
          change={(value) => set(option.key, value)}
        />
      ))}
      <AddMenu
        label={`Add to ${name.toLowerCase()}`}
        options={absent}
        add={(option) => set(option.key, option.example.slice(option.key.length + 1))}
      />
    </li>
  );
}

/** What is said once for a whole chain. */
export function Output({ model, options, bad, edit }: EditProps) {
  const { outputKeys } = options;
  const all = options.all.filter(({ group }) => group === 'output');
  const valueIn = (key: string) => valueAt(model.steps[placeOf(model, key) ?? -1], key);
  const isShown = ({ key }: Option) => key === 'f' || key === 'q' || valueIn(key) !== undefined;
  const set = (key: string, value: string | undefined) => edit(withOutput(model, { key, value, outputKeys }), key);
  return (
    <section aria-labelledby="output-title">
      <h2 id="output-title">Output</h2>
      {all.filter(isShown).map((option) => (
        <ParameterRow
          key={option.key}
          option={option}
          within="Output"
          value={valueIn(option.key)}
          isBad={bad === `${option.key}_${valueIn(option.key)}`}
          isRemovable
          change={(value) => set(option.key, value)}
        />
      ))}
      <AddMenu
        label="Add to the output"
        options={all.filter((option) => !isShown(option))}
        add={(option) => set(option.key, option.example.slice(option.key.length + 1))}
      />
    </section>
  );
}

interface AddProps {
  readonly label: string;
  readonly options: readonly Option[];
  readonly add: (option: Option) => void;
}

function AddMenu({ label, options, add }: AddProps) {
  return (
    <select
      class="add"
      aria-label={label}
      value=""
      onChange={({ currentTarget }) => {
        const option = options.find(({ name }) => name === currentTarget.value);
        currentTarget.value = '';
        if (option !== undefined) add(option);
      }}
    >
      <option value="">+ {label.toLowerCase()}</option>
      {options.map((option) => (
        <option key={option.name} value={option.name}>{`${labelOf(option)} (${option.key}_)`}</option>
      ))}
    </select>
  );
}
