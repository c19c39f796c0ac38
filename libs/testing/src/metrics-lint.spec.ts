import { describe, expect, it } from '@jest/globals';
import { lintMetrics } from './metrics-lint.js';

const described = (name: string, type: string, ...samples: string[]): string =>
  [`# HELP ${name} what`, `# TYPE ${name} ${type}`, ...samples, ''].join('\n');

describe('X29 lintMetrics', () => {
  it.each([
    described('a_total', 'counter', 'a_total{code="x\\"y"} 1'),
    described('a_bytes', 'gauge', 'a_bytes 1e+06'),
    described(
      'a_seconds',
      'histogram',
      'a_seconds_bucket{le="+Inf"} 1',
      'a_seconds_sum 1',
      'a_seconds_count 1',
    ),
  ])('finds no fault with %j', (text) => expect(lintMetrics(text)).toEqual([]));

  it.each([
    [described('a_total', 'gauge'), 'a_total: non-counter metrics should not have "_total" suffix'],
    [described('a', 'counter'), 'a: counter metrics should have "_total" suffix'],
    ['# TYPE a gauge\n', 'a: no help text'],
    [
      described('a_milliseconds', 'gauge'),
      'a_milliseconds: use base unit "seconds" instead of "milliseconds"',
    ],
    [described('a_ms', 'gauge'), 'a_ms: metric names should not contain abbreviated units'],
    [described('a_gauge', 'gauge'), "a_gauge: metric name should not include type 'gauge'"],
    [
      described('a_count', 'gauge'),
      'a_count: non-histogram and non-summary metrics should not have "_count" or "_sum" suffix',
    ],
    [described('a:b', 'gauge'), "a:b: metric names should not contain ':'"],
    [described('aB', 'gauge'), 'aB: aB is written in camelCase, not in snake_case'],
    [described('a', 'gauge', 'a{le="1"} 1'), 'a: only histograms may have the label "le"'],
    [described('a', 'gauge', 'a 1', 'a 2'), 'a{}: more than once'],
    [described('a', 'gauge', 'a one'), 'no sample: a one'],
  ])('%j: %s', (text, fault) => expect(lintMetrics(text)).toEqual([fault]));
});
