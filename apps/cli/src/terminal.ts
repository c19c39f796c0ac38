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
  readStdin(): Promise<string>;
  nowMs(): number;
  sleep(ms: number): Promise<void>;
  /** 0 ≤ n < 1. */
  random(): number;
  randomHex(bytes: number): string;
}

/** stdout or stderr. */
export interface Output {
  readonly isTty: boolean;
  write(text: string): void;
}
