// Stands between a server and its spawner, as a parent that has left descriptors open: a file, a folder and a socket.
// Words: the file, the folder, then what node is given to start the spawner. Whatever is said is passed on.
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';

const [file, folder, ...spawner] = process.argv.slice(2);
const listener = createServer().listen(0, '127.0.0.1', () => {
  const stdio = ['inherit', 'ignore', 'ignore', 'ipc', ...Array.from({ length: 297 }, () => 'ignore')];
  stdio[20] = openSync(file, 'r+');
  stdio[60] = openSync(folder, 'r');
  stdio[300] = listener._handle.fd;
  const child = spawn(process.execPath, spawner, { env: {}, cwd: '/', stdio });
  child.on('message', (message, handle) => process.send(message, handle));
  child.on('exit', () => process.exit());
  process.on('message', (message) => child.send(message, () => undefined));
  process.on('disconnect', () => child.disconnect());
});
