import { z } from 'zod';
import { defineCommand } from '../command.ts';

export const workerCommand = defineCommand({
  name: 'worker',
  summary: 'work off the queue of S3 events: purge what was overwritten, warm what is new',
  notes: ['Ends on SIGTERM or Ctrl-C; what it had not finished goes back to the queue.'],
  options: [],
  schema: z.object({}),
  examples: [
    ['FOVEA_EVENTS_QUEUE=https://sqs.eu-central-1.amazonaws.com/1/events fovea worker', 'as many of them as you like'],
  ],
  run: ({ context }) => context.programs.work(),
});
