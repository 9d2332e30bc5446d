export { createOpenTelemetry, startOpenTelemetry } from './open-telemetry/open-telemetry.ts';
export { createTelemetry, type TelemetrySinks } from './sinks.ts';
