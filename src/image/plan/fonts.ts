import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  promises,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failure } from '../../failure.ts';
import { fontFamilies, type ResolvedTransform } from '../../grammar/index.ts';
import type { VectorFonts } from '../protocol/job.ts';
import { readFamilies } from './font-names.ts';
import { fontAliases, shippedFolders } from './shipped-fonts.ts';
import { type Families, type Family, vectorFonts } from './vector-fonts.ts';

/** Where systems keep fonts for everybody; those that are not there are passed over. */
const systemFolders = ['/usr/share/fonts', '/usr/local/share/fonts', '/System/Library/Fonts', '/Library/Fonts'];

/** The system's own, which it keeps for everybody. */
const cacheFolder = '/var/cache/fontconfig';

/** Font files looked into; a machine with more is no image server. */
const maxFiles = 5_000;

/** Names told to whoever asks for a font that is not there. */
const maxNamesTold = 40;

/** The fonts that text layers may use: exactly these, here and in the render processes. */
export interface Fonts {
  /**
   * A fontconfig file for render processes: they see the folders that were read here, and no others. Undefined where no
   * temporary file can be written (a read-only container): then there is no text, and everything else. It stays: servers
   * with the same folders share it.
   */
  readonly configurationFile: string | undefined;
  /** What render processes have to read for it; some may not be there. */
  readonly files: readonly string[];
  /** Refuses a transform with a font that is not there: fontconfig would take another one and say nothing. */
  check(transform: Pick<ResolvedTransform, 'steps'>): Promise<void>;
  /**
   * What pictures of lines are written with that name these families: theirs, and those that stand for all that are not here, as
   * browsers do. Failures: `unsupported` where there are no fonts at all.
   */
  forVectors(families: readonly string[]): Promise<VectorFonts>;
}

/** Fonts of the system, those that come with the program, and a folder of one's own. Looked into when the first text is asked for. */
export function createFonts(folder: string | undefined): Fonts {
  const folders = [...systemFolders, ...shippedFolders(), ...(folder === undefined ? [] : [resolve(folder)])];
  const configurationFile = writeConfiguration(folders);
  let families: Promise<Families> | undefined;

  return {
    configurationFile,
    files: [...folders, cacheFolder, ...(configurationFile === undefined ? [] : [configurationFile])],
    async check(transform) {
      const wanted = fontFamilies(transform);
      if (wanted.length === 0) return;
      if (configurationFile === undefined) {
        throw new Failure('invalid', 'Text layers are not drawn here: the server cannot write a temporary file.');
      }
      families ??= familiesIn(folders);
      const known = await families;
      const missing = wanted.find((name) => !isThere(known, name.toLowerCase()));
      const names = [...known.values()].map(({ name }) => name);
      if (missing !== undefined) throw unknownFont(missing, names);
    },
    async forVectors(wanted) {
      families ??= familiesIn(folders);
      return vectorFonts(wanted, await families);
    },
  };
}

function isThere(known: Families, name: string): boolean {
  const other = fontAliases.get(name);
  return known.has(name) || (other !== undefined && known.has(other.toLowerCase()));
}

/** Named by what it says: a server that is killed cleans nothing up, and one file for each start would fill the disk. */
function writeConfiguration(folders: readonly string[]): string | undefined {
  const text = configurationOf(folders);
  const user = process.getuid?.() ?? 0;
  const name = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `fovea-fonts-${user}-${name}`);
  const file = join(folder, 'fonts.conf');
  try {
    makeFolder(folder);
    const stats = lstatSync(folder);
    // Whoever else could write to it would choose what render processes read.
    if (!stats.isDirectory() || stats.uid !== user || (stats.mode & 0o022) !== 0) return undefined;
    // A render process may be another user, whatever mask this one makes files with.
    chmodSync(folder, 0o755);
    if (contentOf(file) === text) return file;
    const whole = `${file}.${process.pid}`;
    writeFileSync(whole, text);
    chmodSync(whole, 0o644);
    renameSync(whole, file);
    return file;
  } catch {
    return undefined;
  }
}

/** Not by `recursive`, which never ends where nothing can be made and yet is not there (`/proc`). */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The system's cache is read where there is one; a render process cannot write one. */
function configurationOf(folders: readonly string[]): string {
  const escaped = folders.map((folder) => folder.replaceAll('&', '&amp;').replaceAll('<', '&lt;'));
  return [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">',
    '<fontconfig>',
    ...escaped.map((folder) => `<dir>${folder}</dir>`),
    `<cachedir>${cacheFolder}</cachedir>`,
    // Accepted after it: a font that is called so goes first. Without a binding a family's own styles would count for less.
    ...[...fontAliases].map(
      ([name, other]) =>
        `<alias binding="same"><family>${name}</family><accept><family>${other}</family></accept></alias>`,
    ),
    '</fontconfig>',
  ].join('\n');
}

/** All fonts of those folders. */
async function familiesIn(folders: readonly string[]): Promise<Families> {
  const families = new Map<string, Family>();
  let files = 0;
  for (const folder of folders) {
    for (const file of await fontFilesIn(folder)) {
      files += 1;
      if (files > maxFiles) return families;
      for (const name of await familiesOfFile(file)) {
        const family = families.get(name.toLowerCase()) ?? { name, files: [] };
        family.files.push(file);
        families.set(name.toLowerCase(), family);
      }
    }
  }
  return families;
}

async function fontFilesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await promises.readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && /\.(ttf|otf|ttc|otc)$/i.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    // Not there on this system, or not ours to read: then fontconfig cannot read it either.
    return [];
  }
}

async function familiesOfFile(file: string): Promise<readonly string[]> {
  try {
    const handle = await promises.open(file);
    try {
      return await readFamilies(async (position, length) => {
        const buffer = Buffer.alloc(length);
        const { bytesRead } = await handle.read(buffer, 0, length, position);
        return buffer.subarray(0, bytesRead);
      });
    } finally {
      await handle.close();
    }
  } catch {
    return [];
  }
}

function unknownFont(name: string, known: readonly string[]): Failure {
  const shown = name.replace(/[^\x20-\x7e]/g, '?').slice(0, 64);
  const names = [...known].sort().slice(0, maxNamesTold);
  const rest = known.length - names.length;
  const there =
    names.length === 0
      ? 'no fonts are installed here: install some, or name a fontsFolder in the configuration'
      : `those here are ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return new Failure('invalid', `There is no font "${shown}"; ${there}.`);
}
