import { openSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createLog } from './log.js';

describe('createLog', () => {
  it('goes on when a line cannot be written: the disk of the log is full', () => {
    const log = createLog('info', openSync('/dev/full', 'w'));
    const write = (): void => {
      for (let line = 0; line < 3000; line += 1) log.info({ line }, 'x'.repeat(200));
    };
    expect(write).not.toThrow();
  });
});
