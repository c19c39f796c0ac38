import { describe, expect, it } from '@jest/globals';
import { addressKey } from '@signalbox/contracts';
import { forwardingWarning, type MachineFacts } from './forwarding.js';
import { aListener, TARGETS6 } from './nft-listener.fixture.js';

const HERE = ['127.0.0.1', '::1', '192.0.2.1'].map(addressKey);

function machine(IPv4: boolean, IPv6: boolean): MachineFacts {
  return { addresses: new Set(HERE), forwards: { IPv4, IPv6 } };
}

describe('whether packets reach the targets', () => {
  it('is not doubted where they are forwarded, or have not to be', () => {
    expect(forwardingWarning(aListener(), machine(true, false))).toBeUndefined();
    const near = ['127.0.0.2', '192.0.2.1'].map((address) => ({ address, port: 80, weight: 100 }));
    expect(forwardingWarning(aListener({ targets: near }), machine(false, false))).toBeUndefined();
    expect(forwardingWarning(aListener({ targets: [] }), machine(false, false))).toBeUndefined();
    expect(forwardingWarning(aListener(), { addresses: new Set(), forwards: {} })).toBeUndefined();
  });

  it('is doubted where the machine does not forward, by family', () => {
    expect(forwardingWarning(aListener(), machine(false, true))).toContain('set net.ipv4.ip_forward to 1');
    const six = aListener({ listensAt: { address: '2001:db8::53', port: 53 }, targets: TARGETS6 });
    expect(forwardingWarning(six, machine(true, false))).toContain('set net.ipv6.conf.all.forwarding to 1');
    expect(forwardingWarning(six, machine(false, true))).toBeUndefined();
  });

  it('is doubted from an address that no packet leaves the machine with', () => {
    const local = aListener({ listensAt: { address: '127.0.0.1', port: 8080 } });
    expect(forwardingWarning(local, machine(true, true))).toContain('target 10.0.0.9 is on another');
  });
});
