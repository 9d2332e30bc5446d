import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/frameworks/**/*.test.ts'],
    globalSetup: ['test/support/program.ts'],
    maxWorkers: 1,
    // Each installs a framework and builds with it.
    testTimeout: 900_000,
    hookTimeout: 120_000,
  },
});
