/** All of both lists in their order: one of `few` first, the others at equal distances in what is left of `many`, none at the end. */
export function spread(many, few) {
  const distance = Math.ceil(many.length / (few.length + 1));
  return many
    .flatMap((one, at) => {
      const turn = at / distance;
      return Number.isInteger(turn) && turn < few.length ? [few[turn], one] : [one];
    })
    .concat(many.length === 0 ? few : few.slice(Math.ceil(many.length / distance)));
}
