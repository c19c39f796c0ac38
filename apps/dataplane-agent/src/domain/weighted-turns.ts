/**
 * Turns that follow weights and are spread out: 5/1/1 gives a a b a c a a, never five in a row. After as many turns as
 * the weights sum up to, each has had exactly its weight. It is the smooth weighted round robin of nginx.
 */
export class WeightedTurns {
  /** How far each is behind what its weight entitles it to; the sum is always 0. */
  readonly #credits: number[];

  constructor(private readonly weights: readonly number[]) {
    this.#credits = weights.map(() => 0);
  }

  /** Whose turn it is among those; undefined without any. Those of weight 0 have no turn. */
  next(among: (index: number) => boolean): number | undefined {
    let best: number | undefined;
    let bestCredit = 0;
    let sum = 0;
    this.weights.forEach((weight, index) => {
      if (weight === 0 || !among(index)) return;
      sum += weight;
      const credit = this.#earn(index, weight);
      if (best === undefined || credit > bestCredit) [best, bestCredit] = [index, credit];
    });
    if (best !== undefined) this.#earn(best, -sum);
    return best;
  }

  #earn(index: number, credit: number): number {
    return (this.#credits[index] = (this.#credits[index] ?? 0) + credit);
  }
}
