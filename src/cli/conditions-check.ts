import type { StoreConditions } from '../storage/index.ts';
import type { Check } from './check.ts';

const names: Readonly<Record<keyof StoreConditions, string>> = {
  createsOnly: 'creating a key (If-None-Match)',
  putsUnchanged: 'replacing what was read (If-Match of a PUT)',
  deletesUnchanged: 'deleting what was seen (If-Match of a DELETE)',
};

/** Uploads, focal points and clean-up hang on what a store decides in one step. */
export const conditionsCheck: Check = {
  name: 'conditions in the store of originals',
  remedy: 'check that the credentials may put and delete',
  async run(operations, signal) {
    const conditions = await (await operations.stores()).originals.conditions({ signal });
    const keys = Object.keys(names) as (keyof StoreConditions)[];
    const missing = keys.filter((name) => !conditions[name]).map((name) => names[name]);
    if (missing.length === 0) return { status: 'ok', detail: 'it decides itself who creates, replaces and deletes' };
    const detail = `it does not decide itself about ${missing.join(', ')}: it is asked first, and a write in the same moment goes unseen`;
    if (conditions.createsOnly) return { status: 'info', detail };
    const remedy = 'publish uploads from one process, or keep originals in a store that knows If-None-Match';
    return { status: 'warning', detail, remedy };
  },
};
