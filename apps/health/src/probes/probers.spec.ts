import { describe, expect, it } from '@jest/globals';
import type { Prober } from './probe.js';
import { Probers } from './probers.js';

class Witness {
  readonly events: string[] = [];

  prober(name: string): Prober {
    this.events.push(`open ${name}`);
    return {
      probe: () => Promise.reject(new Error('not asked for')),
      close: async () => void this.events.push(`close ${name}`),
    };
  }
}

describe('Probers', () => {
  it('makes one prober a namespace, when it is first asked for', () => {
    const witness = new Witness();
    const local = witness.prober('local');
    const probers = new Probers(local, (name) => witness.prober(name));
    expect(probers.of()).toBe(local);
    expect(witness.events).toEqual(['open local']);
    expect(probers.of('blue')).toBe(probers.of('blue'));
    expect(probers.of('green')).not.toBe(probers.of('blue'));
    expect(witness.events).toEqual(['open local', 'open blue', 'open green']);
  });

  it('closes those that are no longer used', async () => {
    const witness = new Witness();
    const probers = new Probers(witness.prober('local'), (name) => witness.prober(name));
    const blue = probers.of('blue');
    probers.of('green');
    await probers.keepOnly(['blue', 'red']);
    expect(witness.events.slice(3)).toEqual(['close green']);
    expect(probers.of('blue')).toBe(blue);
    probers.of('green');
    await probers.close();
    expect(witness.events.slice(4)).toEqual(['open green', 'close blue', 'close green', 'close local']);
  });
});
