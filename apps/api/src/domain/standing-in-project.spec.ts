import { expect, it } from '@jest/globals';
import { BALANCE_API, refOf, type Resource, type ResourceChange } from '@signalbox/contracts';
import { occupiedProjects } from './standing-in-project.js';

function resource(kind: string, name: string, project = 'default'): Resource {
  return { apiVersion: BALANCE_API, kind, metadata: { name, project }, spec: { org: 'acme' } };
}

const WEB = resource('Project', 'web');
const deletion: ResourceChange = { op: 'delete', ref: refOf(WEB) };

it('a Project is not deleted while anything stands in it, and the first five are told', () => {
  const pools = Array.from({ length: 7 }, (_, at) => resource('Pool', `p${at}`, 'web'));
  const [found] = occupiedProjects([deletion], [...pools, resource('Pool', 'x', 'other')]);
  expect(found).toEqual({
    ref: refOf(WEB),
    errors: [
      {
        pointer: '',
        message:
          'has Pool/web/p0, Pool/web/p1, Pool/web/p2, Pool/web/p3, Pool/web/p4 and 2 more in it: delete them first',
        missing: refOf(WEB),
      },
    ],
  });
});

it('an empty Project is deleted, and one that changes is not asked', () => {
  expect(occupiedProjects([deletion], [resource('Pool', 'x', 'other')])).toEqual([]);
  expect(occupiedProjects([{ op: 'put', resource: WEB }], [resource('Pool', 'x', 'web')])).toEqual([]);
});
