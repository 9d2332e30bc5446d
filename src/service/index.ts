export { type Foundations, openFoundations } from './foundations.ts';
export { openOperations } from './operations.ts';
export { createService, type Service, type ServiceOptions } from './service.ts';
