import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/s3/**', 'test/clients/**', 'test/e2e/**', 'test/fire/**', 'test/edge/**', 'test/varnish/**'],
    // Render processes are children of each test file's worker: more files at once than cores only slows all of them.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
