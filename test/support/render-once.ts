import { from, quarters } from './pictures.ts';
import { startRenderer } from './renderer.ts';

/** A program that renders once, closes nothing, and should end all the same. */
const { width, height } = await startRenderer().draw(await from(quarters(64, 32)).png().toBuffer(), 'w_8');
process.stdout.write(`${width} × ${height}\n`);
