import { expect, test } from '@jest/globals';
import type { PluginSpec, Resource, ResourceLookup } from '@signalbox/contracts';
import { buildContext } from './plugin-context.js';

const profile: Resource = {
  apiVersion: 'hybrid.routerd.net/v1alpha1',
  kind: 'CloudProviderProfile',
  metadata: { name: 'example-provider', annotations: { note: 'not for plugins' } },
  spec: { provider: 'aws', auth: { command: '/bin/auth', token: 'hush' } },
};
const other: Resource = { ...profile, metadata: { name: 'other' } };
const find: ResourceLookup = (apiVersion, kind, name) =>
  [profile, other].find(
    (resource) =>
      resource.apiVersion === apiVersion && resource.kind === kind && resource.metadata.name === name,
  );
/** Redacts in place, so that these tests see whether the source was handed out. */
const redact = (spec: Resource['spec']): unknown => {
  const { auth } = spec as { auth: { token?: string } };
  auth.token = '';
  return spec;
};
const pluginAllowed = (...names: string[]): PluginSpec => ({
  executable: '/plugins/x',
  context: {
    resources: names.map((name) => ({ apiVersion: profile.apiVersion, kind: profile.kind, name })),
  },
});

test('P8/S12 only allowlisted resources are given, redacted', () => {
  expect(buildContext(pluginAllowed('example-provider'), find, redact)).toEqual([
    {
      apiVersion: 'hybrid.routerd.net/v1alpha1',
      kind: 'CloudProviderProfile',
      name: 'example-provider',
      spec: { provider: 'aws', auth: { command: '/bin/auth', token: '' } },
    },
  ]);
});

test('P8 a reference to a resource that does not exist is skipped', () => {
  const names = buildContext(pluginAllowed('gone', 'other'), find, redact).map(({ name }) => name);
  expect(names).toEqual(['other']);
});

test('P8 the same name under another kind or apiVersion is not given', () => {
  const spec: PluginSpec = {
    executable: '/plugins/x',
    context: {
      resources: [
        { apiVersion: profile.apiVersion, kind: 'OverlayPeer', name: 'other' },
        { apiVersion: 'hybrid.routerd.net/v2', kind: profile.kind, name: 'other' },
      ],
    },
  };
  expect(buildContext(spec, find, redact)).toEqual([]);
});

test('P8 the source stays as it is', () => {
  const before = structuredClone(profile);
  buildContext(pluginAllowed('example-provider'), find, redact);
  expect(profile).toEqual(before);
});

test('S13 without an allowlist the context is empty', () => {
  expect(buildContext({ executable: '/plugins/x' }, find, redact)).toEqual([]);
});
