export { createTelemetry, type TelemetrySinks } from './sinks.ts';
