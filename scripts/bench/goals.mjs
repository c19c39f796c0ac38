// What a figure should reach: "at least" is the goal, "stretch" is more than that.

/**
 * One demand on a row.
 *
 * @param {'value' | 'ratio' | 'excess'} of what it is about; excess: the figure less its limit
 * @param {{ atLeast?: number, atMost?: number, stretch?: number }} bound stretch: in the same direction; alone, it is no
 *   goal and counts upwards
 */
export function demand(of, { atLeast, atMost, stretch }) {
  return atMost === undefined
    ? { of, sign: '≥', goal: atLeast, stretch }
    : { of, sign: '≤', goal: atMost, stretch };
}

/** How a row stands to its demands: all have to hold. Undefined without demands; a figure that is missing holds none. */
export function judge(row, demands) {
  if (demands.length === 0) return undefined;
  const holds = (which) => {
    const given = demands.filter((one) => one[which] !== undefined);
    return given.length > 0 && given.every((one) => isWithin(row[one.of], one.sign, one[which]));
  };
  const isMet = holds('goal');
  return {
    text: demands
      .filter(({ goal }) => goal !== undefined)
      .map(demandText)
      .join(', '),
    isMet,
    isStretched: isMet && holds('stretch'),
  };
}

function isWithin(found, sign, bound) {
  return sign === '≥' ? found >= bound : found <= bound;
}

/** `≥ 0.5 x` is about the limit, `≤ limit + 10` too, `≥ 1,500` about the figure itself. */
function demandText({ of, sign, goal }) {
  const bound = goal.toLocaleString('en-US');
  return `${sign} ${of === 'excess' ? 'limit + ' : ''}${bound}${of === 'ratio' ? ' x' : ''}`;
}
