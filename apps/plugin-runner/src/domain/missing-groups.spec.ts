import { expect, it } from '@jest/globals';
import { PLUGIN_API, type Resource } from '@signalbox/contracts';
import { missingGroups } from './missing-groups.js';

function plugin(name: string, ...topics: string[]): Resource {
  const triggers = topics.map((topic) => ({ type: 'event', topic }));
  return { apiVersion: PLUGIN_API, kind: 'Plugin', metadata: { name }, spec: { executable: '/x', triggers } };
}

it('tells each group once that triggers of a resource wait for and nobody declared', () => {
  const both = plugin('both', 'events.lan.a', 'events.wan.a', 'events.wan.b', 'routerd.lease');
  const found = missingGroups(
    [plugin('none'), both, plugin('other', 'events.wan.>')],
    (group) => group === 'lan',
  );
  expect(found.map(({ resource, group }) => [resource.metadata.name, group])).toEqual([
    ['both', 'wan'],
    ['other', 'wan'],
  ]);
});
