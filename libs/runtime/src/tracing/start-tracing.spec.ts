import { describe, expect, it } from '@jest/globals';
import { createLog } from '../log.js';
import { startTracing, wantsTraces } from './start-tracing.js';

const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

describe('traces', () => {
  it.each([
    [{}, false],
    [COLLECTOR, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, false],
    [{ ...COLLECTOR, OTEL_SDK_DISABLED: 'True' }, false],
    [{ ...COLLECTOR, OTEL_TRACES_EXPORTER: 'none' }, false],
  ])('%j: somebody wants them: %s', (env, wanted) => {
    expect(wantsTraces(env)).toBe(wanted);
  });

  it('without a collector nothing is begun', async () => {
    const tracing = await startTracing({}, 'n', createLog('silent'));
    expect(tracing.isOn).toBe(false);
    expect(tracing.begin({ service: 'ingest', name: 'accept' })).toBeUndefined();
    await tracing.stop();
  });
});
