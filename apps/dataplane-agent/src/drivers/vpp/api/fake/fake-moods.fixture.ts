/** How the fake misbehaves, message by message. A mood holds until it is taken back, or for as many requests as it was given for. */
export class FakeMoods {
  private readonly moods = new Map<string, { readonly mood: Mood; left: number }>();

  /** Takes the request, does what it asks for, and never answers. */
  loseAnswer(message: string, times = 1): void {
    this.moods.set(message, { mood: { kind: 'lose-answer' }, left: times });
  }

  /** Never sees the request. */
  loseRequest(message: string, times = 1): void {
    this.moods.set(message, { mood: { kind: 'lose-request' }, left: times });
  }

  /** Says no with a return value and does nothing. */
  refuse(message: string, retval: number, times = Infinity): void {
    this.moods.set(message, { mood: { kind: 'refuse', retval }, left: times });
  }

  /** Says yes and does nothing. */
  lie(message: string, times = Infinity): void {
    this.moods.set(message, { mood: { kind: 'lie' }, left: times });
  }

  /** Dies when the request comes, before it does anything. */
  die(message: string): void {
    this.moods.set(message, { mood: { kind: 'die' }, left: 1 });
  }

  /** Answers when the function that comes back is called, and not before; all later requests wait behind it, as in VPP. */
  hold(message: string): () => void {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.moods.set(message, { mood: { kind: 'hold', released }, left: 1 });
    return release;
  }

  behave(message?: string): void {
    if (message === undefined) this.moods.clear();
    else this.moods.delete(message);
  }

  /** What holds for the request that comes now. */
  next(message: string): Mood | undefined {
    const entry = this.moods.get(message);
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.moods.delete(message);
    return entry.mood;
  }
}

export type Mood =
  | { readonly kind: 'lose-answer' | 'lose-request' | 'lie' | 'die' }
  | { readonly kind: 'refuse'; readonly retval: number }
  | { readonly kind: 'hold'; readonly released: Promise<void> };
