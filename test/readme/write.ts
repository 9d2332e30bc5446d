import { readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { exportedMetrics, metricsPage, withMetrics } from './metrics.ts';
import { pathOf, pictureRows, readReadme, withTables, writeReadme } from './readme.ts';
import { acceptFor, startProgram } from './running-program.ts';
import { schemaPath, writeSchema } from './schema.ts';

// `npm run docs`: what the README shows of the program is made by the program.

const readme = withTables(readReadme());
writeReadme(readme);
await writeFile(pathOf(schemaPath), writeSchema(readme));
const page = await readFile(pathOf(metricsPage), 'utf8');
await writeFile(pathOf(metricsPage), withMetrics(page, await exportedMetrics()));

const program = await startProgram();
try {
  for (const { url, picture } of pictureRows(readme)) {
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
