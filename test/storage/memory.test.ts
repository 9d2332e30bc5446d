import { createMemoryStore } from '../../src/storage/index.ts';
import { describeObjectStore } from '../contracts/object-store.ts';

describeObjectStore('memory', async () => ({ store: createMemoryStore(), cleanup: async () => undefined }));
