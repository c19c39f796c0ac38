/** A line with lines below it. */
export interface Branch {
  readonly text: string;
  readonly branches?: readonly Branch[];
}

/** The branches as a tree drawn with box characters. */
export function treeText(branches: readonly Branch[], indent = ''): string {
  return branches
    .map(({ text, branches: below = [] }, index) => {
      const last = index === branches.length - 1;
      return `${indent}${last ? '└─' : '├─'} ${text}\n${treeText(below, `${indent}${last ? '   ' : '│  '}`)}`;
    })
    .join('');
}
