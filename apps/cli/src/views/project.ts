import type { Column } from '../output/table.js';

/** Columns of a table, with the project behind the name when any of its items stands outside `default`. */
export function columnsWithProject<Item extends { readonly project?: string }>([name, ...others]: readonly [
  Column<Item>,
  ...Column<Item>[],
]): (items: readonly Item[]) => readonly Column<Item>[] {
  const project: Column<Item> = { title: 'PROJECT', value: (item) => item.project ?? 'default' };
  return (items) =>
    items.some((item) => item.project !== undefined) ? [name, project, ...others] : [name, ...others];
}
