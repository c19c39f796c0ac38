import type { Column } from '../output/table.js';
import type { RevisedItem, RevisionItem } from '../rest/answers.js';

export const REVISION_COLUMNS: readonly Column<RevisionItem>[] = [
  { title: 'REVISION', value: ({ revision }) => revision },
  { title: 'AT', rank: 0, value: ({ at }) => at },
  { title: 'AUTHOR', rank: 0, value: ({ author }) => author },
  { title: 'MESSAGE', rank: 0, value: ({ message }) => message },
];

export const REVISED_COLUMNS: readonly Column<RevisedItem>[] = [
  { title: 'ACTION', value: ({ action }) => action },
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'PROJECT', value: ({ project }) => project },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'APIVERSION', wide: true, value: ({ apiVersion }) => apiVersion },
];
