import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Two programs side by side: this one, and the last release's, which is built from git.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/upgrade/**/*.test.ts'],
    globalSetup: ['test/support/program.ts', 'test/upgrade/last-release.ts'],
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
