import { defineConfig } from 'vitest/config';
import { testsAbout } from './test/support/importers.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/s3/**',
      'test/clients/**',
      'test/frameworks/**',
      'test/telemetry/**',
      'test/e2e/**',
      'test/fire/**',
      'test/edge/**',
      'test/varnish/**',
      'test/independent/**',
      'test/dialects/**',
      'test/upgrade/**',
    ],
    globalSetup: ['test/support/program.ts'],
    watchTriggerPatterns: [{ pattern: /\/src\/.+\.ts$/, testsToRun: (file) => testsAbout(file, import.meta.dirname) }],
    // One more than the two cores that it has to be quick on: tests wait for processes and for other people's time-outs.
    maxWorkers: 3,
    // What a file imports is there for the next one too: nothing of ours keeps state in a module.
    isolate: false,
    unstubEnvs: true,
    /*
     * Node 24's undici goes on feeding a FormData body after the reader has cancelled it, and rejects where nobody can
     * catch it. A server that refuses an upload half-way does cancel. Ours would carry another code.
     */
    onUnhandledError: (error) => {
      const [code, stack] = [Reflect.get(error, 'code'), String(Reflect.get(error, 'stack'))];
      return !(code === 'ERR_INVALID_STATE' && stack.includes('internal/deps/undici'));
    },
    // Generous, all three: they end a test that hangs. How long something takes is for benches to say.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
