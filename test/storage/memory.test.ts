import { describeObjectStore } from '../contracts/object-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';

describeObjectStore('memory', async () => ({ store: createMemoryStore(), cleanup: async () => undefined }));
