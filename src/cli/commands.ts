import type { Command } from './command.ts';
import { altCommand } from './commands/alt.ts';
import { describeCommand } from './commands/describe.ts';
import { doctorCommand } from './commands/doctor.ts';
import { explainCommand } from './commands/explain.ts';
import { focusCommand } from './commands/focus.ts';
import { gcCommand } from './commands/gc.ts';
import { importCommand } from './commands/import.ts';
import { infoCommand } from './commands/info.ts';
import { lsCommand } from './commands/ls.ts';
import { migrateCommand } from './commands/migrate.ts';
import { mvCommand } from './commands/mv.ts';
import { presignCommand } from './commands/presign.ts';
import { purgeCommand } from './commands/purge.ts';
import { rmCommand } from './commands/rm.ts';
import { serveCommand } from './commands/serve.ts';
import { signCommand } from './commands/sign.ts';
import { uploadCommand } from './commands/upload.ts';
import { versionsCommand } from './commands/versions.ts';
import { warmCommand } from './commands/warm.ts';
import { workerCommand } from './commands/worker.ts';

/** Every command there is, in the order of the help page. */
export const commands: readonly Command[] = [
  serveCommand,
  workerCommand,
  uploadCommand,
  importCommand,
  migrateCommand,
  presignCommand,
  lsCommand,
  mvCommand,
  rmCommand,
  versionsCommand,
  signCommand,
  warmCommand,
  purgeCommand,
  gcCommand,
  infoCommand,
  describeCommand,
  explainCommand,
  focusCommand,
  altCommand,
  doctorCommand,
];
