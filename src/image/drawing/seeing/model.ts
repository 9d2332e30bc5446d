import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { readGraph } from './graph.ts';
import { createNetwork, type Network } from './network.ts';

/** The network that sees faces. */
export type FaceNetwork = () => Network;

/**
 * Reads it and lays it out when it is first asked for: some 30 ms, and 8 MB that stay. Its two files lie beside this one,
 * and in the build beside the program.
 */
export function createFaceNetwork(): FaceNetwork {
  let ready: Network | undefined;
  return () => {
    ready ??= createNetwork(readGraph(modelFile('blazeface.graph').toString('utf8'), modelFile('blazeface.bin')));
    return ready;
  };
}

function modelFile(name: string): Buffer {
  const folder = extname(import.meta.url) === '.js' ? '.' : './model';
  return readFileSync(new URL(`${folder}/${name}`, import.meta.url));
}
