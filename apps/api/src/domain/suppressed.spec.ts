import { describe, expect, it } from '@jest/globals';
import type { Directive } from '@signalbox/contracts';
import { suppressedBy } from './suppressed.js';

function mask(name: string, reason?: string): Directive {
  return { op: 'mask', target: { apiVersion: 'a.b/v1', kind: 'Route', name }, ...(reason && { reason }) };
}

describe('what active parts hide', () => {
  it('D4 is told once for each resource, by identity, with all sources, the last end and every reason', () => {
    const parts = [
      { source: 'z', expiresAt: '2026-05-30T13:00:00+01:00', directives: [mask('r2', 'moved'), mask('r1')] },
      {
        source: 'a',
        expiresAt: '2026-05-30T12:30:00.5Z',
        directives: [mask('r2', 'aged'), mask('r2', 'twice')],
      },
    ];
    expect(suppressedBy(parts)).toEqual([
      {
        apiVersion: 'a.b/v1',
        kind: 'Route',
        project: 'default',
        name: 'r1',
        maskedBy: 'DynamicConfigPart/z',
        maskedUntil: '2026-05-30T13:00:00+01:00',
      },
      {
        apiVersion: 'a.b/v1',
        kind: 'Route',
        project: 'default',
        name: 'r2',
        maskedBy: 'DynamicConfigPart/a,DynamicConfigPart/z',
        maskedUntil: '2026-05-30T12:30:00.5Z',
        reason: 'aged; moved',
      },
    ]);
  });

  it('has no end while one of its masks has none', () => {
    const parts = [
      { source: 'a', expiresAt: '2026-05-30T12:00:00Z', directives: [mask('r')] },
      { source: 'b', directives: [mask('r')] },
    ];
    expect(suppressedBy(parts)).toMatchObject([{ maskedUntil: null }]);
  });
});
