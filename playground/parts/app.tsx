import { useEffect, useMemo, useState } from 'preact/hooks';
import { type Admin, adminWith, type Client } from '../url/api.ts';
import { idOf, keyOf, type Model, pathOf, withNewStep, withOutput } from '../url/model.ts';
import { labelOf, type Options } from '../url/options.ts';
import { resized, snippetsOf, widthsFor } from '../url/snippets.ts';
import { Bar } from './bar.tsx';
import { Crop } from './crop.tsx';
import { Delivery, type Device, Devices, devices } from './delivery.tsx';
import { useFaces } from './faces.tsx';
import { Facts } from './facts.tsx';
import { FocalPoint } from './focus.tsx';
import { ThemeButton } from './inputs.tsx';
import { Ladder } from './ladder.tsx';
import { Manage } from './manage.tsx';
import { Originals } from './originals.tsx';
import { type Entry, Help, Palette } from './palette.tsx';
import { copy, Snippets } from './snippets.tsx';
import { type Comparison, comparisons, Stage, type Zoom, zooms } from './stage.tsx';
import { Output, Steps } from './steps.tsx';
import { useAlt, useBefore, useExplanation } from './use-before.ts';
import { useKeys } from './use-keys.ts';
import { type ModelState, useModel } from './use-model.ts';
import { type Problem, usePicture } from './use-picture.ts';
import { useTheme, useToken } from './use-settings.ts';

type Panel = 'picture' | 'formats' | 'focus' | 'crop';
type Open = 'palette' | 'help' | undefined;

export function App({ options }: { readonly options: Options }) {
  const state = useModel();
  return state.model === undefined ? null : <Playground options={options} state={state} model={state.model} />;
}

interface PlaygroundProps {
  readonly options: Options;
  readonly state: ModelState;
  readonly model: Model;
}

function Playground({ options, state, model }: PlaygroundProps) {
  const { edit, paste, note } = state;
  const { outputKeys } = options;
  const [token, setToken] = useToken();
  const [theme, nextTheme] = useTheme();
  const [device, setDevice] = useState<Device>(devices[0] as Device);
  const [saveData, setSaveData] = useState(false);
  const [comparison, setComparison] = useState<Comparison>('split');
  const [zoom, setZoom] = useState<Zoom>('fit');
  const [panel, setPanel] = useState<Panel>('picture');
  const [open, setOpen] = useState<Open>();
  const [said, say] = useState('');
  const [turn, setTurn] = useState(0);
  const [showsFaces, setShowsFaces] = useState(false);

  const client = useMemo<Client>(() => ({ accept: device.accept, saveData }), [device, saveData]);
  const admin = useMemo(() => adminWith(token), [token]);
  const path = pathOf(model);
  // The picture is asked for anew once its original is another, or something else is said of it.
  const picture = usePicture(path, client, turn);
  const { shown, problem } = picture;
  const { original, before, beforeName } = useBefore(model, shown, { outputKeys, turn });
  const explanation = useExplanation(path, shown?.path === path, turn);
  const faces = useFaces(model, showsFaces || panel === 'crop' || panel === 'focus', turn);
  const originalKey = explanation?.answers?.[0]?.key;
  const anew = () => setTurn(turn + 1);
  const bad = problem === undefined ? undefined : badPartOf(problem, model);
  const size = { width: shown?.width ?? 0, height: shown?.height ?? 0, originalWidth: original?.width ?? 0 };
  const alt = useAlt(model, token, { isReady: shown?.path === path, turn });
  const snippets = snippetsOf({ origin: location.origin, model, outputKeys, alt, ...size });
  const choose = (key: string) => edit({ ...model, id: idOf(key) }, 'original');
  const setFormat = (value: string) => edit(withOutput(model, { key: 'f', value, outputKeys }), 'f');
  const copyUrl = () => copy(location.origin + path, say);
  const toggle = (one: Panel) => setPanel((now) => (now === one ? 'picture' : one));
  const nextZoom = () => setZoom(zooms[(zooms.indexOf(zoom) + 1) % zooms.length] ?? 'fit');

  useKeys({
    find: () => setOpen('palette'),
    help: () => setOpen('help'),
    url: () => document.getElementById('url')?.focus(),
    compare: (at) => setComparison(comparisons[at] ?? comparison),
    zoom: nextZoom,
    formats: () => toggle('formats'),
    crop: () => toggle('crop'),
    focus: () => toggle('focus'),
    copy: copyUrl,
  });

  const known = useKnownOriginals(admin, token !== '' && open === 'palette');
  const entries = (): readonly Entry[] => [
    ...deeds({ toggle, setComparison, nextZoom, nextTheme, copyUrl, help: () => setOpen('help') }),
    ...optionEntries(options, model, edit),
    ...known.map((name) => ({ kind: 'original', name, hint: '', run: () => choose(name) })),
    ...devices.map((one) => ({ kind: 'device', name: one.name, hint: `dpr ${one.dpr}`, run: () => setDevice(one) })),
  ];

  return (
    <>
      <header class="top">
        <h1>
          <a href="/">fovea</a>
        </h1>
        <span class="crumb">▸</span>
        <label class="sr" for="id">
          Original
        </label>
        <input
          id="id"
          class="id"
          value={keyOf(model.id)}
          spellcheck={false}
          autocomplete="off"
          onChange={({ currentTarget }) => choose(currentTarget.value)}
        />
        <fieldset class="segments zoom" aria-label="Zoom">
          {zooms.map((one) => (
            <button key={one} type="button" aria-pressed={one === zoom} onClick={() => setZoom(one)}>
              {one === 'fit' ? 'Fit' : `${one}×`}
            </button>
          ))}
        </fieldset>
        <ThemeButton theme={theme} next={nextTheme} />
        <button type="button" class="icon wide" aria-label="⌘K, find anything" onClick={() => setOpen('palette')}>
          ⌘K
        </button>
        <button type="button" class="icon" aria-label="Keys" onClick={() => setOpen('help')}>
          ?
        </button>
      </header>
      <main>
        <aside class="left" aria-label="Originals">
          <Originals admin={admin} token={token} setToken={setToken} id={keyOf(model.id)} choose={choose} say={say} />
        </aside>
        <div class="middle">
          <div class="tools">
            <fieldset class="segments" aria-label="Compare">
              {comparisons.map((one) => (
                <button
                  key={one}
                  type="button"
                  aria-pressed={one === comparison && panel === 'picture'}
                  onClick={() => {
                    setComparison(one);
                    setPanel('picture');
                  }}
                >
                  {one}
                </button>
              ))}
            </fieldset>
            <fieldset class="segments" aria-label="Panels">
              <button type="button" aria-pressed={panel === 'formats'} onClick={() => toggle('formats')}>
                formats
              </button>
              <button type="button" aria-pressed={panel === 'crop'} onClick={() => toggle('crop')}>
                crop
              </button>
              <button type="button" aria-pressed={panel === 'focus'} onClick={() => toggle('focus')}>
                focal point
              </button>
              <button type="button" aria-pressed={showsFaces} onClick={() => setShowsFaces(!showsFaces)}>
                faces
              </button>
            </fieldset>
          </div>
          {panel === 'crop' && original !== undefined ? (
            <Crop original={original} model={model} faces={faces} edit={edit} />
          ) : panel === 'focus' && original !== undefined ? (
            <FocalPoint
              original={original}
              name={originalKey ?? keyOf(model.id)}
              admin={admin}
              faces={faces}
              hasToken={token !== ''}
              say={say}
              saved={anew}
            />
          ) : (
            <Stage
              shown={shown}
              before={before}
              beforeName={beforeName}
              faces={beforeName === 'original' ? faces : []}
              comparison={comparison}
              zoom={zoom}
              isBusy={picture.isBusy}
              alt={`Variant of ${model.id}`}
            />
          )}
          {panel === 'formats' && <Ladder model={model} client={client} outputKeys={outputKeys} choose={setFormat} />}
          <Facts state={picture} originalBytes={original?.bytes} />
        </div>
        <aside class="right" aria-label="Transformation">
          <Steps model={model} options={options} bad={bad} edit={edit} />
          <Output model={model} options={options} bad={bad} edit={edit} />
          <Devices
            device={device}
            client={client}
            widths={widthsFor({ model, ...size })}
            shownWidth={size.width / (devices[0]?.dpr ?? 1)}
            choose={setDevice}
            setSaveData={setSaveData}
            resize={(width) => edit(resized(model, width, outputKeys), 'device')}
          />
          <Delivery explanation={explanation} admin={admin} hasToken={token !== ''} say={say} />
          {token !== '' && originalKey !== undefined && (
            <Manage key={originalKey} name={originalKey} admin={admin} say={say} changed={anew} />
          )}
        </aside>
      </main>
      <footer>
        <Bar path={path} problem={problem} note={note} bad={bad} paste={paste} copy={copyUrl} />
        <Snippets snippets={snippets} say={say} />
      </footer>
      <p class="toast" role="status" key={said} hidden={said === ''}>
        {said}{' '}
        <button type="button" class="icon" aria-label="Dismiss" onClick={() => say('')}>
          ×
        </button>
      </p>
      {open === 'palette' && <Palette entries={entries()} close={() => setOpen(undefined)} />}
      {open === 'help' && <Help close={() => setOpen(undefined)} />}
    </>
  );
}

/** The first page of originals, to be found by their names. */
function useKnownOriginals(admin: Admin, isWanted: boolean): readonly string[] {
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    if (!isWanted) return;
    admin.list('').then(
      ({ originals }) => setNames(originals.map(({ key }) => key)),
      () => setNames([]),
    );
  }, [admin, isWanted]);
  return names;
}

/** The part of the URL that the refusal names. */
function badPartOf({ detail }: Problem, { steps }: Model): string | undefined {
  const parts = steps.flat().map(([key, value]) => `${key}_${value}`);
  return (
    parts.find((part) => detail.startsWith(`Invalid ${part}:`)) ?? parts.find((part) => detail.includes(`${part} `))
  );
}

interface Deeds {
  readonly toggle: (panel: Panel) => void;
  readonly setComparison: (comparison: Comparison) => void;
  readonly nextZoom: () => void;
  readonly nextTheme: () => void;
  readonly copyUrl: () => void;
  readonly help: () => void;
}

function deeds({ toggle, setComparison, nextZoom, nextTheme, copyUrl, help }: Deeds): readonly Entry[] {
  const named = (name: string, hint: string, run: () => void): Entry => ({ kind: 'do', name, hint, run });
  return [
    named('Copy the URL', 'c', copyUrl),
    named('Formats', 'the same picture in each', () => toggle('formats')),
    named('Crop', 'a rectangle drawn on the original', () => toggle('crop')),
    named('Focal point', 'six shapes at once', () => toggle('focus')),
    named('Zoom', 'fit, 1×, 2×, 4×, 8×', nextZoom),
    ...comparisons.map((one) => named(`Compare: ${one}`, 'with the original', () => setComparison(one))),
    named('Theme', 'light, dark, as the system', nextTheme),
    named('Keys', '?', help),
  ];
}

/** Each parameter, and each effect: chosen, it is a step more, or is said of the output. */
function optionEntries({ all, outputKeys }: Options, model: Model, edit: ModelState['edit']): readonly Entry[] {
  return all.flatMap((option): Entry[] => {
    const { key, doc, example, control, group } = option;
    const value = example.slice(key.length + 1);
    const add = (text: string) =>
      group === 'output'
        ? edit(withOutput(model, { key, value: text, outputKeys }), key)
        : edit(withNewStep(model, [[key, text]], outputKeys).model, `new ${key}`);
    const own = { kind: 'parameter', name: `${labelOf(option)} ${key}_`, hint: doc, run: () => add(value) };
    if (control.kind !== 'effect') return [own];
    return [
      own,
      ...control.effects.map((one) => ({ kind: 'effect', name: one.name, hint: one.doc, run: () => add(one.begins) })),
    ];
  });
}
