import { defineConfig } from 'vitest/config';

// One synthesis takes seconds: a file builds each template once.
export default defineConfig({
  test: { include: ['test/**/*.test.ts'], maxWorkers: 1, testTimeout: 120_000, hookTimeout: 120_000 },
});
