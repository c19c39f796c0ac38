import { describe, expect, it } from '@jest/globals';
import { CodedError } from '../errors.js';
import { validateResource } from '../validate.js';
import { REFERENCE_KINDS } from './reference-kinds.js';
import { kindOf } from './registry.js';

const resource = (apiVersion: string, kind: string): object => ({
  apiVersion,
  kind,
  metadata: { name: 'a' },
  spec: {},
});

function refusal(apiVersion: string, kind: string): CodedError | undefined {
  try {
    validateResource(resource(apiVersion, kind));
    return undefined;
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
}

describe('X9 a kind is its apiVersion and its name', () => {
  it.each([
    ['net.routerd.net/v1alpha1', 'HealthCheck'],
    ['net.routerd.net/v1alpha1', 'Frontend'],
    ['net.routerd.net/v1alpha1', 'Backend'],
    ['net.routerd.net/v1alpha1', 'PoolMember'],
    ['net.routerd.net/v1alpha1', 'MaintenanceWindow'],
    ['firewall.routerd.net/v1alpha1', 'HealthChecker'],
    ['gateway.example.net/v1', 'Backend'],
    ['example.net/v1', 'EventGroup'],
    ['example.net/v1', 'Plugin'],
    ['v1', 'Plugin'],
  ])('%s %s is kept as it is', (apiVersion, kind) => {
    expect(validateResource(resource(apiVersion, kind))).toEqual(resource(apiVersion, kind));
    expect(kindOf(apiVersion, kind)).toBeUndefined();
  });

  it.each([
    ['federation.routerd.net/v1beta1', 'EventGroup', 'federation.routerd.net/v1alpha1'],
    ['net.routerd.net/v1alpha1', 'EventGroup', 'federation.routerd.net/v1alpha1'],
    ['federatoin.routerd.net/v1alpha1', 'EventGroup', 'federation.routerd.net/v1alpha1'],
    ['federation.routerd.ne/v1alpha1', 'EventGroup', 'federation.routerd.net/v1alpha1'],
    ['balance.signalbox.dev/v1', 'Backend', 'balance.signalbox.dev/v1alpha1'],
    ['balance.signalbox.de/v1alpha1', 'Backend', 'balance.signalbox.dev/v1alpha1'],
  ])('%s %s is a slip', (apiVersion, kind, meant) => {
    expect(refusal(apiVersion, kind)?.errors).toContainEqual({
      pointer: '/apiVersion',
      message: `must be ${meant} for kind ${kind}`,
    });
  });
});

describe('X43 a misspelt kind', () => {
  it.each([
    ['balance.signalbox.dev/v1alpha1', 'Backnd', 'did you mean Backend?'],
    ['balance.signalbox.dev/v1alpha1', 'PoolMembr', 'did you mean PoolMember?'],
    ['balance.signalbox.dev/v1alpha1', 'Widget', 'is no kind of balance.signalbox.dev/v1alpha1'],
    ['balance.signalbox.dev/v1alpha1', 'EventGroup', 'EventGroup is federation.routerd.net/v1alpha1'],
    ['federation.routerd.net/v1alpha1', 'EventSubscriptoin', 'did you mean EventSubscription?'],
    ['federation.routerd.net/v1alpha1', 'eventgroup', 'did you mean EventGroup?'],
    ['plugin.routerd.net/v1alpha1', 'Plugins', 'did you mean Plugin?'],
    ['hybrid.routerd.net/v1alpha1', 'OverlayPeers', 'did you mean OverlayPeer?'],
  ])('%s %s is refused', (apiVersion, kind, told) => {
    const error = refusal(apiVersion, kind);
    expect(error?.code).toBe('unknown-kind');
    expect(error?.errors).toEqual([{ pointer: '/kind', message: expect.stringContaining(told) }]);
  });

  it.each([...REFERENCE_KINDS])('the %s of the reference is none', (kind) => {
    for (const group of ['net', 'federation', 'hybrid', 'mobility', 'system'])
      expect(refusal(`${group}.routerd.net/v1alpha1`, kind)).toBeUndefined();
  });

  it('a new kind of the reference that looks like none of ours is kept', () => {
    expect(refusal('net.routerd.net/v1alpha1', 'QuantumTunnel')).toBeUndefined();
    expect(refusal('example.net/v1', 'EventGrup')).toBeUndefined();
  });
});
