/** What of a column decides how wide it becomes. */
export interface Measure {
  /** Width of its longest text, the title among them. */
  readonly natural: number;
  /** Narrower it says too little; `natural` when its texts must not be cut. */
  readonly least: number;
  /** 0 stays; of the others the highest leaves first, of equals the rightmost. */
  readonly rank: number;
}

/** Blanks between two columns. */
export const GAP = 2;

/**
 * The widths at which columns stand beside each other in a line of `width`; undefined for those that found no room.
 * First columns leave while even the least widths are too many, then the widest are narrowed together.
 */
export function fitWidths(measures: readonly Measure[], width: number): readonly (number | undefined)[] {
  const stays = measures.map(() => true);
  const room = (): number => width - GAP * (stays.filter(Boolean).length - 1);
  const sum = (of: (measure: Measure) => number): number =>
    measures.reduce((total, measure, index) => total + (stays[index] ? of(measure) : 0), 0);
  for (;;) {
    if (sum(({ least }) => least) <= room()) break;
    const leaving = nextToLeave(measures, stays);
    if (leaving === undefined) break;
    stays[leaving] = false;
  }
  const free = room();
  const cap = sum(({ natural }) => natural) <= free ? Infinity : widestCap(measures, stays, free);
  const widths = measures.map(({ natural, least }) =>
    Math.max(Math.min(natural, cap), Math.min(least, natural)),
  );
  return spreadRest(widths, measures, stays, free);
}

/** The index of the column that leaves next. */
function nextToLeave(measures: readonly Measure[], stays: readonly boolean[]): number | undefined {
  let leaving: number | undefined;
  measures.forEach(({ rank }, index) => {
    if (stays[index] && rank > 0 && (leaving === undefined || rank >= measures[leaving]!.rank))
      leaving = index;
  });
  return leaving;
}

/** The largest width at which columns are cut so that all of them fit. */
function widestCap(measures: readonly Measure[], stays: readonly boolean[], free: number): number {
  for (let cap = Math.max(...measures.map(({ natural }) => natural)); cap > 0; cap -= 1) {
    const used = measures.reduce(
      (total, { natural, least }, index) =>
        total + (stays[index] ? Math.max(Math.min(natural, cap), Math.min(least, natural)) : 0),
      0,
    );
    if (used <= free) return cap;
  }
  return 1;
}

/** What the cap left over goes to the columns that were cut; what does not fit at all is cut at the end. */
function spreadRest(
  widths: readonly number[],
  measures: readonly Measure[],
  stays: readonly boolean[],
  free: number,
): readonly (number | undefined)[] {
  let rest = free - widths.reduce((total, width, index) => total + (stays[index] ? width : 0), 0);
  return widths.map((width, index) => {
    if (!stays[index]) return undefined;
    const more = rest > 0 ? Math.min(rest, measures[index]!.natural - width) : Math.max(rest, 1 - width);
    rest -= more;
    return width + more;
  });
}
