import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Needs Varnish (with varnish-modules), nginx and njs: see infra/local/stack.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/edge/**/*.test.ts'],
    globalSetup: ['test/support/program.ts'],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
