/** Everything of the machine that a command touches, so that tests can stand in for it. */
export interface Terminal {
  readonly out: Output;
  readonly err: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the command was called. */
  readonly cwd: string;
  readonly home: string;
  /** The checkout that `bin/signalbox` lies in. */
  readonly checkoutDir: string;
  readonly version: string;
  readStdin(): Promise<Uint8Array>;
  nowMs(): number;
  /** Ends early, without an error, when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Aborted by Ctrl-C, which from then on no longer ends the process by itself. */
  interrupted(): AbortSignal;
  /** 0 ≤ n < 1. */
  random(): number;
  randomHex(bytes: number): string;
}

/** stdout or stderr. */
export interface Output {
  readonly isTty: boolean;
  /** Characters of a line, of a terminal that says so. */
  readonly columns?: number | undefined;
  write(text: string): void;
}
