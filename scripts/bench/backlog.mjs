// Whether a rate was carried, or only piled up.

/** So much more in the last quarter than in the second one is still the same backlog. */
const GROWTH = 1.25;
/** And so many seconds of what is offered: one breath of a garbage collector or a disk. */
const BREATH_SECONDS = 0.1;

/**
 * Whether a backlog did not grow while a rate was offered to the end.
 *
 * @param {{ at: number, backlog: number }[]} looks at: seconds since the beginning
 */
export function isSteady(looks, seconds, rate) {
  const mean = (from, to) => {
    const some = looks.filter(({ at }) => at >= seconds * from && at <= seconds * to);
    return some.reduce((sum, { backlog }) => sum + backlog, 0) / some.length;
  };
  const isWhole = (looks.at(-1)?.at ?? 0) >= seconds * 0.99;
  return isWhole && mean(0.75, 1) <= mean(0.25, 0.5) * GROWTH + rate * BREATH_SECONDS;
}
