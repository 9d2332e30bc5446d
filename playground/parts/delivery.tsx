import { useState } from 'preact/hooks';
import { type Admin, type Client, type Explanation, messageOf } from '../url/api.ts';

/** Who asks: what decides between formats, and between widths. */
export interface Device {
  readonly name: string;
  readonly accept: string | undefined;
  readonly dpr: number;
  /** CSS pixels. */
  readonly width: number;
}

export const devices: readonly Device[] = [
  { name: 'This browser', accept: undefined, dpr: window.devicePixelRatio, width: window.innerWidth },
  { name: 'Phone, AVIF', accept: 'image/avif,image/webp,image/*,*/*;q=0.8', dpr: 3, width: 390 },
  { name: 'Tablet, WebP', accept: 'image/webp,image/*,*/*;q=0.8', dpr: 2, width: 820 },
  { name: 'Laptop, AVIF', accept: 'image/avif,image/webp,image/*,*/*;q=0.8', dpr: 2, width: 1440 },
  { name: 'Old browser, JPEG', accept: 'image/png,image/*;q=0.8,*/*;q=0.5', dpr: 1, width: 1024 },
];

/** The candidate of a srcset that a browser takes which the picture is as wide as, at most. */
export function candidateFor(widths: readonly number[], { dpr, width }: Device, shown: number): number | undefined {
  const wanted = Math.min(shown, width) * dpr;
  return widths.find((one) => one >= wanted) ?? widths.at(-1);
}

interface DevicesProps {
  readonly device: Device;
  readonly client: Client;
  readonly widths: readonly number[];
  readonly shownWidth: number;
  readonly choose: (device: Device) => void;
  readonly setSaveData: (on: boolean) => void;
  readonly resize: (width: number) => void;
}

export function Devices({ device, client, widths, shownWidth, choose, setSaveData, resize }: DevicesProps) {
  const candidate = candidateFor(widths, device, shownWidth);
  return (
    <section aria-labelledby="device-title">
      <h2 id="device-title">Device</h2>
      <select
        class="grow"
        aria-label="Device"
        value={device.name}
        onChange={({ currentTarget }) => choose(devices.find(({ name }) => name === currentTarget.value) ?? device)}
      >
        {devices.map(({ name, dpr, width }) => (
          <option key={name} value={name}>{`${name}: ${width} px, dpr ${dpr}`}</option>
        ))}
      </select>
      <label class="check">
        <input
          type="checkbox"
          checked={client.saveData}
          onChange={({ currentTarget }) => setSaveData(currentTarget.checked)}
        />{' '}
        Save-Data
      </label>
      {candidate !== undefined && (
        <p class="help">
          Of the srcset it takes {candidate} pixels.{' '}
          <button type="button" class="link" onClick={() => resize(candidate)}>
            Show that one
          </button>
        </p>
      )}
    </section>
  );
}

interface DeliveryProps {
  readonly explanation: Explanation | undefined;
  readonly admin: Admin;
  readonly hasToken: boolean;
  readonly say: (message: string) => void;
}

/** What the URL comes to, and how it is forgotten. */
export function Delivery({ explanation, admin, hasToken, say }: DeliveryProps) {
  const [answer] = explanation?.answers ?? [];
  return (
    <section aria-labelledby="delivery-title">
      <h2 id="delivery-title">Delivery</h2>
      <dl class="said">
        <dt>Canonical</dt>
        <dd>
          <code>{answer?.canonical ?? (answer ? 'the original' : '–')}</code>
        </dd>
        <dt>Original</dt>
        <dd>
          <code>{answer?.key ?? '–'}</code>
        </dd>
        <dt>Vary</dt>
        <dd>{explanation?.vary ?? 'nothing'}</dd>
        <dt>ETag</dt>
        <dd>
          <code>{answer?.etag ?? '–'}</code>
        </dd>
        <dt>Cache tag</dt>
        <dd>
          <code>{answer?.cacheTag ?? '–'}</code>
        </dd>
      </dl>
      {hasToken && answer?.key !== undefined && <Purge key={answer.key} name={answer.key} admin={admin} say={say} />}
    </section>
  );
}

/** In two steps: what would go, and then that it goes. */
function Purge({
  name,
  admin,
  say,
}: {
  readonly name: string;
  readonly admin: Admin;
  readonly say: (message: string) => void;
}) {
  const [isTold, setIsTold] = useState(false);
  const run = async (dryRun: boolean) => {
    try {
      const { variantsDeleted = 0, memoryEvicted = 0 } = await admin.purge(name, dryRun);
      const what = `${variantsDeleted} stored, ${memoryEvicted} in memory`;
      say(dryRun ? `A purge of ${name} would take ${what}.` : `Purged ${name}: ${what}.`);
      setIsTold(dryRun);
    } catch (error) {
      say(`Not purged: ${messageOf(error)}`);
    }
  };
  return (
    <div class="actions">
      <button type="button" onClick={() => run(true)}>
        Purge, dry run
      </button>
      {isTold && (
        <button type="button" class="danger" onClick={() => run(false)}>
          Purge it
        </button>
      )}
    </div>
  );
}
