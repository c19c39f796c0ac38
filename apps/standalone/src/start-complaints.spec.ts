import { appendFileSync, mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StartComplaints } from './start-complaints.js';

const line = (level: number, msg: string, more = {}): string =>
  `${JSON.stringify({ level, ...more, msg })}\n`;

describe('X27 StartComplaints', () => {
  let dir: string;
  const lines: string[] = [];
  const file = (name: string): string => join(dir, 'log', `${name}.log`);

  beforeEach(() => {
    lines.length = 0;
    dir = mkdtempSync(join(tmpdir(), 'signalbox-complaints-'));
    mkdirSync(join(dir, 'log'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('tells what each service warns of, once, and nothing of an earlier run', () => {
    writeFileSync(file('ingest'), line(40, 'of yesterday'));
    const complaints = new StartComplaints(['ingest', 'api'], dir, (text) => void lines.push(text));
    const refused = line(40, 'NATS refuses the login', {
      url: 'nats://a',
      reason: 'Authorization Violation',
    });
    for (const name of ['ingest', 'api']) appendFileSync(file(name), refused + line(30, 'started') + refused);
    appendFileSync(file('api'), 'no JSON\n{"level":40,"msg":"not whole');
    complaints.close();
    expect(lines).toEqual([
      'ingest: NATS refuses the login (nats://a): Authorization Violation',
      'api: NATS refuses the login (nats://a): Authorization Violation',
    ]);
  });

  it('goes on with a log that was begun anew', () => {
    writeFileSync(file('api'), line(40, 'a long line of yesterday, longer than the new one'));
    const complaints = new StartComplaints(['api'], dir, (text) => void lines.push(text));
    writeFileSync(file('api'), line(50, 'new'));
    complaints.close();
    expect(lines).toEqual(['api: new']);
  });
});
