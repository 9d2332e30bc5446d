import type { PictureState } from './use-picture.ts';

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let [value, unit] = [bytes / 1000, 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function savingText(bytes: number, before: number): string {
  const share = (1 - bytes / before) * 100;
  const text = Math.abs(share).toFixed(share > 99 ? 1 : 0);
  return share >= 0 ? `−${text} %` : `+${text} %`;
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

const places: Readonly<Record<string, string>> = {
  render: 'rendered',
  memory: 'from memory',
  store: 'from the store',
  original: 'the original itself',
};

/** What the picture weighs, and where it came from: always there, so that nothing jumps. */
export function Facts({
  state,
  originalBytes,
}: {
  readonly state: PictureState;
  readonly originalBytes: number | undefined;
}) {
  const { shown, isBusy } = state;
  const next = shown?.next;
  const isImmutable = shown?.cacheControl.includes('immutable') === true;
  return (
    <dl class="facts" aria-busy={isBusy}>
      <div class="wide">
        <dt>Bytes</dt>
        <dd>
          {shown === undefined ? (
            '…'
          ) : (
            <>
              {originalBytes !== undefined && <span class="quiet">{bytesText(originalBytes)} → </span>}
              <b>{bytesText(shown.bytes)}</b>
              {originalBytes !== undefined && <em> {savingText(shown.bytes, originalBytes)}</em>}
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>Pixels</dt>
        <dd>{shown ? `${shown.width} × ${shown.height}` : '…'}</dd>
      </div>
      <div>
        <dt>Format</dt>
        <dd>{shown ? shown.type.replace('image/', '').toUpperCase() : '…'}</dd>
      </div>
      <div class="wide">
        <dt>Now</dt>
        <dd>
          {shown ? `${places[shown.from] ?? shown.from} ${milliseconds(shown.renderMs ?? shown.milliseconds)}` : '…'}
        </dd>
      </div>
      <div class="wide">
        <dt>Next visitor</dt>
        <dd>
          {next ? `${places[next.from] ?? next.from} ${milliseconds(next.milliseconds)}` : '…'}
          {next && isImmutable && <span class="immutable"> · immutable</span>}
        </dd>
      </div>
      <div class="wide">
        <dt>A million views</dt>
        <dd>
          {shown ? bytesText(shown.bytes * 1e6) : '…'}
          {shown && originalBytes ? <span class="quiet"> of {bytesText(originalBytes * 1e6)}</span> : ''}
          {shown && originalBytes ? (
            <meter
              class="gauge"
              aria-label="Share of the original's transfer"
              min={0}
              max={1}
              value={Math.min(1, shown.bytes / originalBytes)}
            />
          ) : (
            ''
          )}
        </dd>
      </div>
    </dl>
  );
}
