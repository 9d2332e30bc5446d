import { mkdir, rm, writeFile } from 'node:fs/promises';
import { pathOf } from '../readme/pages.ts';
import { startProgram } from '../readme/running-program.ts';
import { allWorked, pagePath, pictureOf, picturesFolder, presets, writePage } from './reference.ts';

// `npm run docs`: the reference of the URL language, and its pictures as the program answers them.

await writeFile(pagePath, writePage());
await rm(pathOf(picturesFolder), { recursive: true, force: true });
await mkdir(pathOf(picturesFolder), { recursive: true });

const program = await startProgram({ presets });
try {
  for (const one of allWorked) {
    const response = await fetch(program.url + one.url, { headers: { accept: 'image/webp,*/*;q=0.5' } });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`${one.url} is answered ${response.status}: ${bytes}`);
    await writeFile(pathOf(pictureOf(one)), bytes);
  }
  process.stdout.write(`${allWorked.length} pictures in ${picturesFolder}\n`);
} finally {
  await program.close();
}
