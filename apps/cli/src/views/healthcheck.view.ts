import type { HealthCheckItem } from '../rest/answers.js';
import { fieldsText } from '../output/fields.js';
import { originText } from './origin.js';
import { columnsWithProject } from './project.js';

export const healthcheckColumns = columnsWithProject<HealthCheckItem>([
  { title: 'NAME', value: ({ name }) => name },
  { title: 'TYPE', value: ({ spec }) => spec.type },
  { title: 'PORT', value: ({ spec }) => spec.port },
  { title: 'INTERVAL', value: ({ spec }) => spec.interval },
  { title: 'TIMEOUT', value: ({ spec }) => spec.timeout },
  { title: 'RISE', value: ({ spec }) => spec.rise },
  { title: 'FALL', value: ({ spec }) => spec.fall },
  { title: 'BACKENDS', value: ({ backends }) => backends.length },
  { title: 'FAST_INTERVAL', wide: true, value: ({ spec }) => spec.fastInterval },
  { title: 'DOWN_INTERVAL', wide: true, value: ({ spec }) => spec.downInterval },
  { title: 'COUNTER', wide: true, value: ({ spec }) => spec.counter },
  { title: 'PARAMS', wide: true, value: ({ spec }) => spec.params && JSON.stringify(spec.params) },
  { title: 'USED_BY', wide: true, value: ({ backends }) => backends.join(',') },
]);

/** A check as it is configured, with the keys of a maglev.yaml, and who uses it. */
export function healthcheckText({ name, project, spec, backends, origin }: HealthCheckItem): string {
  const { params = {}, ...own } = spec;
  return fieldsText([
    ['name', name],
    ['project', project],
    ...Object.entries(own).map(([key, value]): [string, string] => [kebab(key), String(value)]),
    ...Object.entries(params).map(([key, value]): [string, string] => [
      `params ${kebab(key)}`,
      String(value),
    ]),
    ['backends', backends.join(', ')],
    ['origin', originText(origin)],
  ]);
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
