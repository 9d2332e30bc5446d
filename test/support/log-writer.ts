import { createTelemetry } from '../../src/sinks/index.ts';

// Logs as many requests as its first argument says, warns after half of them, and ends as its second argument says.

const [count = '0', ending] = process.argv.slice(2);
const telemetry = createTelemetry({ logTo: 1, level: 'info' });
for (let index = 0; index < Number(count); index += 1) {
  const request = { requestId: String(index), method: 'GET', route: 'image', path: '/a.jpg', status: 200, bytes: 1 };
  telemetry.report({ type: 'request', ...request, durationMs: 1 });
  if (index === Number(count) / 2 - 1) telemetry.report({ type: 'warning', message: 'half of it' });
}
if (ending === 'exit') process.exit(0);
if (ending === 'throw') throw new Error('as it should');
if (ending === 'flush') await telemetry.flush();
