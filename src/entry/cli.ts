#!/usr/bin/env node
import { run } from '../cli/index.ts';
import { readConfig } from '../config/index.ts';
import { openOperations } from '../service/index.ts';
import { createTelemetry } from '../sinks/index.ts';
import { environment } from './environment.ts';
import { commandLogOptions } from './log-options.ts';
import { serve } from './serve.ts';
import { work } from './work.ts';

const stopping = new AbortController();
const stop = () => stopping.abort();
process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop);
// Whoever read the answers has gone (`fovea warm --json | head`).
process.stdout.on('error', stop);

const { stdin, stdout, stderr } = process;
const code = await run(
  process.argv.slice(2),
  { stdin, stdout, stderr, signal: stopping.signal },
  {
    open: async () => {
      const config = readConfig(environment());
      return openOperations(config, createTelemetry(commandLogOptions(config)));
    },
    serve,
    work,
  },
);
// Only when all of the answer is out: a pipe takes it bit by bit.
stdout.write('', () => process.exit(code));
