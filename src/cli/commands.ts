import type { Command } from './command.ts';
import { doctor } from './commands/doctor.ts';
import { focus } from './commands/focus.ts';
import { gc } from './commands/gc.ts';
import { info } from './commands/info.ts';
import { presign } from './commands/presign.ts';
import { purge } from './commands/purge.ts';
import { serve } from './commands/serve.ts';
import { sign } from './commands/sign.ts';
import { upload } from './commands/upload.ts';
import { warm } from './commands/warm.ts';
import { worker } from './commands/worker.ts';

/** Every command there is, in the order of the help page. */
export const commands: readonly Command[] = [
  serve,
  worker,
  upload,
  presign,
  sign,
  warm,
  purge,
  gc,
  info,
  focus,
  doctor,
];
