import { clusterService } from '@signalbox/testing';
import { type KubernetesService, readService } from './kubernetes-objects.js';
import { oursIn, statusStep } from './kubernetes-status.js';

const VIP = '198.51.100.1';

/** A Service that says this. */
function saying(...ingress: object[]): KubernetesService {
  const { metadata, ...rest } = clusterService('web');
  return readService({
    ...rest,
    metadata: { ...metadata, resourceVersion: '1' },
    status: { loadBalancer: { ingress } },
  });
}

describe('the status of a Service that is served', () => {
  it('gets its address', () => {
    expect(statusStep({ service: saying(), vips: [VIP] })).toEqual({
      type: 'say',
      ingress: [{ ip: VIP, ipMode: 'VIP' }],
    });
  });

  it.each([
    ['another address', [{ ip: '198.51.100.2' }]],
    ['a name', [{ hostname: 'web.example.net' }]],
    ['one address more', [{ ip: VIP }, { ip: '198.51.100.2' }]],
    ['that its nodes stand in between', [{ ip: VIP, ipMode: 'Proxy' }]],
  ])('gets it in the place of %s', (_, ingress) => {
    expect(statusStep({ service: saying(...ingress), vips: [VIP] }).type).toBe('say');
  });

  it.each([
    ['the same', [VIP], [{ ip: VIP, ipMode: 'VIP' }]],
    ['the same, by a cluster without ipMode', [VIP], [{ ip: VIP }]],
    ['the same with ports', [VIP], [{ ip: VIP, ipMode: 'VIP', ports: [{ port: 80, protocol: 'TCP' }] }]],
    ['the same in another spelling', ['2001:DB8:0::1'], [{ ip: '2001:db8::1' }]],
  ])('is left alone when it says %s', (_, vips, ingress) => {
    expect(statusStep({ service: saying(...ingress), vips })).toEqual({ type: 'nothing' });
  });

  it('is ours when it says what is known, and something is', () => {
    expect(oursIn({ service: saying({ ip: VIP }), vips: [VIP] })).toEqual([{ ip: VIP }]);
    expect(oursIn({ service: saying(), vips: [] })).toBeUndefined();
    expect(oursIn({ service: saying({ ip: VIP }), vips: ['198.51.100.2'] })).toBeUndefined();
    expect(oursIn({ service: saying({ ip: VIP }) })).toBeUndefined();
  });

  it('keeps an address while none is known', () => {
    expect(statusStep({ service: saying({ ip: VIP }), vips: [] })).toEqual({ type: 'nothing' });
  });
});

describe('the status of a Service that is no longer served', () => {
  const OURS = [{ ip: VIP, ipMode: 'VIP' }];

  it('loses what we wrote', () => {
    expect(statusStep({ service: saying(...OURS), ours: OURS })).toEqual({
      type: 'take-away',
      ingress: OURS,
    });
    expect(statusStep({ ours: OURS })).toEqual({ type: 'take-away', ingress: OURS });
  });

  it('keeps what others wrote', () => {
    expect(statusStep({ service: saying({ ip: '203.0.113.1' }), ours: OURS })).toEqual({ type: 'nothing' });
    expect(statusStep({ service: saying(...OURS) })).toEqual({ type: 'nothing' });
  });
});
