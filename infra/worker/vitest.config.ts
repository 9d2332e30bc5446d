import { cloudflareTest } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';
import { answerAsOrigin } from './test/origin.ts';

export default defineConfig({
  plugins: [
    cloudflareTest({
      main: './src/index.ts',
      miniflare: {
        compatibilityDate: '2026-04-01',
        bindings: { ORIGIN: 'http://origin.test' },
        r2Buckets: ['COPIES'],
        // Everything the Worker fetches ends here, in Node: no network.
        outboundService: answerAsOrigin,
      },
    }),
  ],
  test: { include: ['test/**/*.test.ts'] },
});
