// Cables that break without a word: both ends go on to say that they are plugged in, and what is sent is lost.
import { DEVICES } from './plan.mjs';
import { programFile } from './programs.mjs';

/** Which packets of a machine are lost: those that it sends, those for it, or both. */
const HOOKS = { from: ['ingress'], to: ['egress'], both: ['ingress', 'egress'] };

export class Cables {
  #nft = programFile('nft');

  constructor(namespaces) {
    this.namespaces = namespaces;
  }

  /** @param {'segment' | 'management'} network @param {'from' | 'to' | 'both'} direction */
  cut(network, machine, direction = 'both') {
    const chains = HOOKS[direction].map(
      (hook) => `chain ${hook} { type filter hook ${hook} device "${machine}" priority -300; drop; }`,
    );
    this.mend(network, machine);
    this.#rules(network, `table netdev cut_${machine} {\n${chains.join('\n')}\n}\n`);
  }

  /** Nothing goes between the machine and these others any more. */
  part(network, machine, others) {
    const hook = (name) => `type filter hook ${name} device "${machine}" priority -300`;
    const macs = `{ ${others.map((other) => this.#macOf(other, DEVICES[network])).join(', ')} }`;
    const chains = `chain from { ${hook('ingress')}; ether daddr ${macs} drop; }
chain to { ${hook('egress')}; ether saddr ${macs} drop; }`;
    this.mend(network, machine);
    this.#rules(network, `table netdev cut_${machine} {\n${chains}\n}\n`);
  }

  mend(network, machine) {
    this.#rules(network, `add table netdev cut_${machine}\ndelete table netdev cut_${machine}\n`);
  }

  #macOf(machine, device) {
    return JSON.parse(this.namespaces.ip(machine, `-j link show ${device}`))[0].address;
  }

  #rules(network, text) {
    this.namespaces.run(network, [this.#nft, '-f', '-'], text);
  }
}
