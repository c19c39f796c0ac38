import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { endWith } from './end-with.js';
import type { ExitCode } from './exit-codes.js';

class Ending extends EventEmitter {
  exitCode: number | undefined;
  said = '';
  readonly stderr = { write: (text: string) => void (this.said += text) };
}

describe('X30 how the process ends', () => {
  it('with the exit code of the command', async () => {
    const ending = new Ending();
    endWith(ending, Promise.resolve<ExitCode>(6));
    await Promise.resolve();
    ending.emit('beforeExit');
    expect(ending).toMatchObject({ exitCode: 6, said: '' });
  });

  it('with 1 and a message when the command can never come to an end', () => {
    const ending = new Ending();
    endWith(ending, new Promise<ExitCode>(() => {}));
    ending.emit('beforeExit');
    expect(ending.exitCode).toBe(1);
    expect(ending.said).toMatch(/^signalbox: internal: .+\nnext: .+\n$/);
  });
});
