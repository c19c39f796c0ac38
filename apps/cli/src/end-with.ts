import { EXIT, type ExitCode } from './exit-codes.js';

/** What of a process decides how it ends. */
export interface Ending {
  exitCode?: number | string | null | undefined;
  readonly stderr: { write(text: string): unknown };
  once(event: 'beforeExit', listener: () => void): unknown;
}

/**
 * Lets the process end with the exit code of a command. A command that never comes to an end while nothing is left
 * that could bring it there ends with 1 and a message, never in silence.
 */
export function endWith(ending: Ending, command: Promise<ExitCode>): void {
  let settled = false;
  ending.once('beforeExit', () => {
    if (settled) return;
    ending.exitCode = EXIT.failure;
    ending.stderr.write(
      'signalbox: internal: the command stopped without a result\n' +
        'next: this is a defect of signalbox: report it with the command you ran\n',
    );
  });
  void command.then((code) => {
    settled = true;
    ending.exitCode = code;
  });
}
