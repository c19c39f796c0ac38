/** Wall clock in milliseconds since 1970. Injected, so that rules can be tested at any time. */
export abstract class Clock {
  abstract now(): number;
}

export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }
}
