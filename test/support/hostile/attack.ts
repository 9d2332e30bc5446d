import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { timedGet } from '../load.ts';
import { watchMemory } from '../process-group.ts';
import type { ServerProcess } from '../server-process.ts';
import type { HostileFile } from './hostile-file.ts';

/** What became of one request. */
export interface Outcome {
  readonly file: HostileFile;
  readonly transformation: string;
  readonly status: number;
  readonly contentType: string;
  readonly tookMs: number;
  readonly body: Buffer;
}

export interface Attack {
  readonly outcomes: readonly Outcome[];
  readonly peakBytes: number;
}

export interface AttackOptions {
  readonly server: ServerProcess;
  /** The working folder of the server. */
  readonly folder: string;
  readonly files: readonly HostileFile[];
  /** What to ask of the file at this place. */
  readonly transformations: (index: number) => readonly string[];
  readonly atOnce: number;
}

function keyOf({ name }: HostileFile): string {
  return `${name.replaceAll('/', '-')}.bin`;
}

/** Puts the files among the originals and asks for pictures of them, several at once. */
export async function attack({ server, folder, files, transformations, atOnce }: AttackOptions): Promise<Attack> {
  const { pid } = server.child;
  if (pid === undefined) throw new Error('A server that runs has a pid.');
  for (const file of files) await writeFile(join(folder, 'data', 'originals', keyOf(file)), await file.make());
  const questions = files.flatMap((file, index) =>
    transformations(index).map((transformation) => ({ file, transformation })),
  );
  const memory = watchMemory(pid);
  const outcomes: Outcome[] = [];
  async function attacker(): Promise<void> {
    for (let next = questions.shift(); next !== undefined; next = questions.shift()) {
      const { headers, ...answer } = await timedGet(`${server.url}/${next.transformation}/${keyOf(next.file)}`);
      outcomes.push({ ...next, ...answer, contentType: headers['content-type'] ?? '' });
    }
  }
  await Promise.all(Array.from({ length: atOnce }, attacker));
  memory.stop();
  return { outcomes, peakBytes: memory.peakBytes() };
}

const formats: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'heif',
};

/** A sentence for every answer that should not have been given, and none for those that may. */
export async function complaintsAbout({ file, transformation, ...answer }: Outcome): Promise<readonly string[]> {
  const { status, contentType, body, tookMs } = answer;
  const about = `${file.name} as ${transformation}: ${status}`;
  const complaints: string[] = [];
  const isRefusal = status === 413 || status === 415 || status === 422;
  const isPatience = status === 503 || status === 504;
  if (!(status === 200 || isRefusal || isPatience)) complaints.push(`${about} is none of the answers there are`);
  if (file.fate === 'refused' && !isRefusal) complaints.push(`${about}, to be refused`);
  if (file.fate === 'drawn' && status !== 200 && !(file.isHeavy === true && status === 504)) {
    complaints.push(`${about}, to be drawn`);
  }
  if (tookMs > 12_000) complaints.push(`${about} after ${Math.round(tookMs)} ms`);
  if (status === 200 && !(await decodesAs(body, formats[contentType]))) {
    complaints.push(`${about} does not decode as ${contentType}`);
  }
  return complaints;
}

async function decodesAs(body: Buffer, format: string | undefined): Promise<boolean> {
  try {
    const picture = sharp(body, { animated: true, limitInputPixels: false });
    const { format: found } = await picture.metadata();
    await picture.raw().toBuffer();
    return found === format;
  } catch {
    return false;
  }
}
