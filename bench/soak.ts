import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, noise } from '../test/support/pictures.ts';
import { descriptorCount, residentBytes } from '../test/support/process-group.ts';
import { machineFacts } from './machine.ts';
import { startFovea } from './processes.ts';

// `npm run bench:soak [minutes]` (10): mixed load on one server; writes its memory over time to bench/soak.svg, with the
// slope after the warm-up, which is the first third.

const minutes = Number(process.argv[2] ?? 10);
const everyMs = 1_000;
const visitors = 4;
const pauseMs = 20;

interface Sample {
  readonly seconds: number;
  readonly megabytes: number;
  readonly descriptors: number;
}

/** Least squares: megabytes an hour, and the mean. */
function slopeOf(samples: readonly Sample[]): { readonly perHour: number; readonly mean: number } {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(samples.map(({ seconds }) => seconds)), mean(samples.map(({ megabytes }) => megabytes))];
  const over = samples.reduce((sum, sample) => sum + (sample.seconds - x) * (sample.megabytes - y), 0);
  const under = samples.reduce((sum, sample) => sum + (sample.seconds - x) ** 2, 0);
  return { perHour: (over / under) * 3_600, mean: y };
}

function picture(samples: readonly Sample[], title: string): string {
  const [width, height, margin] = [900, 320, 50];
  const most = Math.max(...samples.map(({ megabytes }) => megabytes)) * 1.1;
  const last = samples.at(-1)?.seconds ?? 1;
  const place = ({ seconds, megabytes }: Sample) =>
    `${(margin + (seconds / last) * (width - 2 * margin)).toFixed(1)},${(height - margin - (megabytes / most) * (height - 2 * margin)).toFixed(1)}`;
  const lines = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = height - margin - share * (height - 2 * margin) * (1 / 1.1);
    return `<line x1="${margin}" x2="${width - margin}" y1="${y}" y2="${y}" stroke="#ddd"/><text x="${margin - 6}" y="${y + 4}" text-anchor="end">${Math.round((share * most) / 1.1)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${margin}" y="24" font-size="14">${title}</text>
${lines.join('\n')}
<text x="${margin}" y="${height - 20}">0 s</text><text x="${width - margin}" y="${height - 20}" text-anchor="end">${Math.round(last)} s; MB resident, server and render processes</text>
<polyline fill="none" stroke="#06c" stroke-width="1.5" points="${samples.map(place).join(' ')}"/>
</svg>
`;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-soak-'));
  const names: string[] = [];
  for (const [index, format] of (['jpeg', 'png', 'webp', 'gif', 'avif'] as const).entries()) {
    const name = `${format}.${format}`;
    writeFileSync(
      join(folder, name),
      await from(noise(700 + index, 500))
        .toFormat(format)
        .toBuffer(),
    );
    names.push(name);
  }
  writeFileSync(join(folder, 'broken.jpg'), Buffer.alloc(5_000, 'x'));
  const fovea = await startFovea(folder, join(folder, '.variants'));
  const samples: Sample[] = [];
  const began = performance.now();
  const until = began + minutes * 60_000;
  let asked = 0;
  const statuses = new Map<number, number>();
  async function visit(): Promise<void> {
    while (performance.now() < until) {
      asked += 1;
      // Mostly pictures that are there already, some new ones, some that are none.
      const name = asked % 17 === 0 ? 'broken.jpg' : (names[asked % names.length] ?? '');
      const width = asked % 3 === 0 ? 50 + (asked % 1_500) : 300;
      const format = ['jpg', 'webp', 'png', 'jpg', 'gif'][asked % 5] ?? 'jpg';
      const response = await fetch(`${fovea.url}/w_${width},f_${format}/${name}`);
      await response.arrayBuffer();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  const timer = setInterval(() => {
    samples.push({
      seconds: (performance.now() - began) / 1000,
      megabytes: residentBytes(fovea.pid) / 1024 ** 2,
      descriptors: descriptorCount(fovea.pid),
    });
  }, everyMs);
  try {
    await Promise.all(Array.from({ length: visitors }, visit));
  } finally {
    clearInterval(timer);
    await fovea.stop();
    rmSync(folder, { recursive: true });
  }
  const settled = samples.filter(({ seconds }) => seconds > (minutes * 60) / 3);
  const { perHour, mean } = slopeOf(settled);
  const descriptors = settled.map((sample) => sample.descriptors);
  const day = new Date().toISOString().slice(0, 10);
  const answers = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
  const title = `${minutes} min of mixed load, ${day}: mean ${mean.toFixed(0)} MB, slope ${perHour.toFixed(0)} MB an hour (${((100 * perHour) / mean).toFixed(1)} %)`;
  writeFileSync(new URL('soak.svg', import.meta.url), picture(samples, title));
  console.log(
    `${title}; ${answers}; descriptors ${Math.min(...descriptors)}–${Math.max(...descriptors)}; ${machineFacts()}`,
  );
}

await main();
