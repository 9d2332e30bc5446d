import { runProcess } from './run-process.ts';
import { work } from './work.ts';

runProcess(work);
