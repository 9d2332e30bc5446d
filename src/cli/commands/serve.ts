import { z } from 'zod';
import { defineCommand } from '../command.ts';

export const serveCommand = defineCommand({
  name: 'serve',
  summary: 'serve pictures, as npm start does',
  notes: ['Ends on SIGTERM or Ctrl-C once everything begun is done.'],
  options: [],
  schema: z.object({}),
  examples: [
    ['fovea serve', 'on http://127.0.0.1:3000, originals from ./data/originals'],
    ['PORT=8080 FOVEA_ORIGINALS=s3://photos fovea serve', 'originals from a bucket'],
  ],
  run: ({ context }) => context.programs.serve(),
});
