import { defineConfig } from 'vitest/config';

// Load, bombs and killed processes: one file at a time, so that none of them measures another.
export default defineConfig({
  test: {
    include: ['test/fire/**/*.test.ts'],
    globalSetup: ['test/support/program.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
