import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { createDiskStore } from '../../src/storage/index.ts';

// A process made to be killed: it overwrites three keys again and again and says a dot for each chunk it has handed over.
const [directory = '', name = ''] = process.argv.slice(2);
const store = createDiskStore({ directory });

for (let round = 0; ; round++) {
  const chunks = Array.from({ length: 20 }, () => randomBytes(32_768));
  const digest = createHash('sha256').update(Buffer.concat(chunks)).digest('hex');
  await store.put(`writer/${name}/${round % 3}`, Readable.from(spoken(chunks), { objectMode: false }), {
    size: 20 * 32_768,
    metadata: { digest },
  });
}

function* spoken(chunks: readonly Buffer[]): Generator<Buffer> {
  for (const chunk of chunks) {
    process.stdout.write('.');
    yield chunk;
  }
}
