import { readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { exportedMetrics, metricsPage, withMetrics } from './metrics.ts';
import { pathOf, writePage } from './pages.ts';
import { pictureRows } from './pictures.ts';
import { acceptFor, startProgram } from './running-program.ts';
import { schemaPath, writeSchema } from './schema.ts';
import { tables, withTable } from './tables.ts';

// `npm run docs`: what pages show of the program is made by the program.

for (const page of Object.keys(tables)) writePage(page, withTable(page));
await writeFile(pathOf(schemaPath), writeSchema());
const page = await readFile(pathOf(metricsPage), 'utf8');
await writeFile(pathOf(metricsPage), withMetrics(page, await exportedMetrics()));

const program = await startProgram();
try {
  for (const { url, picture } of pictureRows()) {
    if (picture === undefined) continue;
    const response = await fetch(program.url + url, { headers: { accept: acceptFor(extname(picture).slice(1)) } });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`${url} is answered ${response.status}: ${bytes}`);
    await writeFile(pathOf(picture), bytes);
    process.stdout.write(`${picture} ${bytes.length} bytes\n`);
  }
} finally {
  await program.close();
}
