import { useId, useState } from 'preact/hooks';
import { type EffectOption, labelOf, type Option } from '../url/options.ts';

interface ControlProps {
  readonly option: Option;
  readonly value: string | undefined;
  readonly change: (value: string | undefined) => void;
  /** Names the step, where two steps have the same parameter. */
  readonly within: string;
}

/** One parameter: its name, the key that a URL has for it, and whatever it is set by. */
export function ParameterRow(props: ControlProps & { readonly isBad: boolean; readonly isRemovable: boolean }) {
  const { option, value, change, within, isBad, isRemovable } = props;
  const id = useId();
  const label = labelOf(option);
  return (
    <fieldset class={`row ${isBad ? 'bad' : ''}`} data-parameter={option.name} title={option.doc}>
      <legend>
        <span>{label}</span> <code>{option.key}_</code>
      </legend>
      <div class="control">
        <ControlOf {...props} id={id} name={`${within}, ${label}`} />
        {isRemovable && value !== undefined && (
          <button
            type="button"
            class="icon"
            aria-label={`Remove ${label} from ${within}`}
            onClick={() => change(undefined)}
          >
            ×
          </button>
        )}
      </div>
      <p class="help">{option.doc}</p>
    </fieldset>
  );
}

interface NamedProps extends ControlProps {
  readonly id: string;
  readonly name: string;
}

function ControlOf(props: NamedProps) {
  const { control } = props.option;
  switch (control.kind) {
    case 'number':
      return <NumberControl {...props} bounds={control} />;
    case 'choice':
      return <ChoiceControl {...props} values={control.values} />;
    case 'place':
      return <PlaceControl {...props} values={control.values} />;
    case 'colour':
      return <ColourControl {...props} values={control.values} />;
    case 'switches':
      return <SwitchesControl {...props} values={control.values} />;
    case 'effect':
      return <EffectControl {...props} effects={control.effects} />;
    case 'text':
      return <TextField {...props} />;
  }
}

/** Whatever the language takes, written: what is set otherwise shows here, too. */
function TextField({ option, value = '', change, name }: NamedProps) {
  return (
    <input
      class="value"
      aria-label={`${name}, as a URL spells it`}
      value={value}
      placeholder={option.example.slice(option.key.length + 1)}
      spellcheck={false}
      autocomplete="off"
      onInput={({ currentTarget }) => change(currentTarget.value === '' ? undefined : currentTarget.value)}
    />
  );
}

function NumberControl(props: NamedProps & { readonly bounds: { min: number; max: number; step: number } }) {
  const { value, change, name, bounds } = props;
  const number = Number(value);
  return (
    <>
      <input
        type="range"
        aria-label={name}
        min={bounds.min}
        max={bounds.max}
        step={bounds.step}
        value={value === undefined || Number.isNaN(number) ? bounds.min : number}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
      <TextField {...props} />
    </>
  );
}

const mostSegments = 5;

function ChoiceControl(props: NamedProps & { readonly values: readonly string[] }) {
  const { value, change, name, values } = props;
  const [isFree, setIsFree] = useState(false);
  if (isFree) return <TextField {...props} />;
  if (values.length <= mostSegments && (value === undefined || values.includes(value))) {
    return (
      <fieldset class="segments" aria-label={name}>
        {values.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === value}
            onClick={() => change(one === value ? undefined : one)}
          >
            {one}
          </button>
        ))}
      </fieldset>
    );
  }
  return (
    <select
      aria-label={name}
      value={value ?? ''}
      onChange={({ currentTarget }) => {
        if (currentTarget.value === ' ') setIsFree(true);
        else change(currentTarget.value === '' ? undefined : currentTarget.value);
      }}
    >
      <option value="">–</option>
      {[...(value === undefined || values.includes(value) ? [] : [value]), ...values].map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
      <option value=" ">something else…</option>
    </select>
  );
}

const compass = ['north_west', 'north', 'north_east', 'west', 'center', 'east', 'south_west', 'south', 'south_east'];

function PlaceControl(props: NamedProps & { readonly values: readonly string[] }) {
  const { value, change, name, values } = props;
  return (
    <>
      <fieldset class="compass" aria-label={name}>
        {compass
          .filter((one) => values.includes(one))
          .map((one) => (
            <button
              key={one}
              type="button"
              aria-label={one.replace('_', ' ')}
              aria-pressed={one === value}
              onClick={() => change(one)}
            />
          ))}
      </fieldset>
      <ChoiceControl {...props} values={values.filter((one) => !compass.includes(one))} />
    </>
  );
}

function ColourControl(props: NamedProps & { readonly values: readonly string[] }) {
  const { value, change, name, values, id } = props;
  const digits = /^rgb:([0-9a-f]{6})/i.exec(value ?? '')?.[1] ?? '2f6f5e';
  return (
    <>
      <input
        type="color"
        aria-label={`${name}, picked`}
        value={`#${digits}`}
        onInput={({ currentTarget }) => change(`rgb:${currentTarget.value.slice(1)}`)}
      />
      <input
        class="value grow"
        list={id}
        aria-label={`${name}, by name`}
        value={value ?? ''}
        spellcheck={false}
        autocomplete="off"
        onInput={({ currentTarget }) => change(currentTarget.value === '' ? undefined : currentTarget.value)}
      />
      <datalist id={id}>
        {values.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  );
}

function SwitchesControl({ value, change, name, values }: NamedProps & { readonly values: readonly string[] }) {
  const on = new Set((value ?? '').split('.').filter((one) => one !== ''));
  return (
    <details class="switches" open={on.size > 0}>
      <summary>{on.size === 0 ? 'none' : [...on].join(', ')}</summary>
      <fieldset aria-label={name}>
        {values.map((one) => (
          <label key={one}>
            <input
              type="checkbox"
              checked={on.has(one)}
              onChange={({ currentTarget }) => {
                const now = currentTarget.checked ? [...on, one] : [...on].filter((other) => other !== one);
                change(now.length === 0 ? undefined : now.join('.'));
              }}
            />
            {one.replaceAll('_', ' ')}
          </label>
        ))}
      </fieldset>
    </details>
  );
}

function EffectControl(props: NamedProps & { readonly effects: readonly EffectOption[] }) {
  const { value = '', change, name, effects } = props;
  const parts = value.split(':');
  const [effect = ''] = parts;
  const known = effects.find((one) => one.name === effect);
  // A colour may stand before the strength, and another behind it.
  const place = known?.begins.split(':').length ?? 1;
  const amount = parts[place];
  const withAmount = (strength: string) => [...parts.slice(0, place), strength, ...parts.slice(place + 1)].join(':');
  return (
    <>
      <select
        aria-label={name}
        value={effect}
        onChange={({ currentTarget }) =>
          change(currentTarget.value === '' ? undefined : withStrength(effects, currentTarget.value))
        }
      >
        <option value="">–</option>
        {known === undefined && effect !== '' && <option value={effect}>{effect}</option>}
        {effects.map((one) => (
          <option key={one.name} value={one.name} title={one.doc}>
            {one.name}
          </option>
        ))}
      </select>
      {known?.amount !== undefined && (
        <input
          type="range"
          aria-label={`${name}, strength`}
          min={known.amount.min}
          max={Math.min(known.amount.max, 1000)}
          value={Number(amount ?? known.amount.standard)}
          onInput={({ currentTarget }) => change(withAmount(currentTarget.value))}
        />
      )}
      <TextField {...props} />
    </>
  );
}

function withStrength(effects: readonly EffectOption[], name: string): string {
  const { begins, amount } = effects.find((one) => one.name === name) ?? { begins: name };
  return amount === undefined ? begins : `${begins}:${amount.standard}`;
}
