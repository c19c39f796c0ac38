// A data plane by hand, for a node without Signalbox: the same table on each, so that a connection may come by either.
import { DEVICES, onSegment, PORT, TARGETS, VIP } from './plan.mjs';

/** Rules for `nft -f`. */
export function barePlane(k) {
  const chains = TARGETS.map(
    (target) => `chain ${target} { fwd ip to ${onSegment(k, target)} device "${DEVICES.segment}"; }`,
  );
  const slots = TARGETS.map((target, slot) => `${slot} : goto ${target}`).join(', ');
  return `table netdev bare {
${chains.join('\n')}
chain in {
  type filter hook ingress device "${DEVICES.segment}" priority 0;
  meta pkttype host ip daddr ${VIP} tcp dport ${PORT} jhash ip saddr . tcp sport mod ${TARGETS.length} seed 0x5b vmap { ${slots} }
}
}
`;
}
