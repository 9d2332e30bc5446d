export { openFoundations } from './foundations.ts';
export { openOperations } from './operations.ts';
export { createService, type Service } from './service.ts';
