import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// `npm run build`, and then without what earlier builds have left: pieces of the program are named after what is in them,
// so each build that changes one leaves the old one behind, and all of `dist` is packed. It goes afterwards and not before,
// since a server may run from the folder: what it reads after its start has a name that stays.

const folder = 'dist';
// The clock of the file system, which need not be that of this machine.
const mark = join(folder, '.build-began');
mkdirSync(folder, { recursive: true });
writeFileSync(mark, '');
const began = statSync(mark).mtimeMs;

const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
rmSync(mark);
if (status === 0) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && statSync(path).mtimeMs < began) rmSync(path);
  }
}
process.exitCode = status ?? 1;
