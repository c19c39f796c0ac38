import type { Log } from '../log.js';
import { NoTracing, type Tracing } from './tracing.js';

/** By either of these the standard names a collector. OpenTelemetry, "OpenTelemetry Protocol Exporter". */
const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;

/** Whether the environment names a collector, and does not say that nothing shall be told. */
export function wantsTraces(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return false;
  if (env['OTEL_TRACES_EXPORTER']?.trim().toLowerCase() === 'none') return false;
  return ENDPOINTS.some((name) => (env[name] ?? '').trim() !== '');
}

/** Loads what tells of traces only where somebody listens: it costs a process memory and time. `site`: name of this site. */
export async function startTracing(
  env: Readonly<Record<string, string | undefined>>,
  site: string,
  log: Log,
): Promise<Tracing> {
  if (!wantsTraces(env)) return new NoTracing();
  const { OtelTracing } = await import('./otel-tracing.js');
  return new OtelTracing(env, site, log);
}
