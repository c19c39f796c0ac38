/** Everybody who waits for one signal, behind one listener. */
class AbortListener {
  private readonly callbacks = new Set<() => void>();

  constructor(private readonly signal: AbortSignal) {}

  add(callback: () => void): void {
    if (this.callbacks.size === 0) this.signal.addEventListener('abort', this.onAbort);
    this.callbacks.add(callback);
  }

  remove(callback: () => void): void {
    if (this.callbacks.delete(callback) && this.callbacks.size === 0)
      this.signal.removeEventListener('abort', this.onAbort);
  }

  private readonly onAbort = (): void => {
    for (const callback of [...this.callbacks]) callback();
  };
}

const listeners = new WeakMap<AbortSignal, AbortListener>();

/**
 * Calls `callback`, a function of its own for each call, when the signal aborts; nothing when it is aborted already.
 * Returns what takes it back. One signal ends all runs of the service: however many wait for it, it has one listener.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return nothing;
  let listener = listeners.get(signal);
  if (!listener) listeners.set(signal, (listener = new AbortListener(signal)));
  listener.add(callback);
  return () => listener.remove(callback);
}

function nothing(): void {}
