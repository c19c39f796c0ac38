// Configuration of BIRD: that of the router, and what an operator gives a node.
import { ASN, BFD, DEVICES, NODES, onSegment, VIP, VIP_PREFIX } from './plan.mjs';

/** The times in which a session is tried again are short: nobody wants to look at a demo for a minute. */
const TIMES = 'hold time 9; connect delay time 1; connect retry time 1; error wait time 1, 2;';
const bfdTimes = (multiplier) =>
  `min rx interval ${BFD.intervalMs} ms; min tx interval ${BFD.intervalMs} ms; multiplier ${multiplier};`;

/** Spreads clients over all nodes that announce, in the kernel; takes nothing but VIPs. */
export function routerFile({ k, multiplier }) {
  const peers = NODES.map(
    (node) => `protocol bgp ${node} {
  local ${onSegment(k, 'router')} as ${ASN.router};
  neighbor ${onSegment(k, node)} as ${ASN.nodes};
  ${TIMES}
  bfd on;
  ipv4 { import where net ~ [ ${VIP_PREFIX}{32,32} ]; export none; };
}
`,
  );
  return `log stderr all;
router id ${onSegment(k, 'router')};
protocol device {}
protocol kernel {
  merge paths on limit 8;
  ipv4 { import none; export where source = RTS_BGP; };
}
protocol bfd { interface "${DEVICES.segment}" { ${bfdTimes(multiplier)} }; }
${peers.join('')}`;
}

/** What stands in the file of a node, before Signalbox adds its own. */
function nodeHead(k, node) {
  return `log stderr { warning, error, fatal, bug };
router id ${onSegment(k, node)};
protocol device {}
`;
}

/** A node whose VIPs come from Signalbox. */
export function nodeFile({ k }, node, include) {
  return `${nodeHead(k, node)}include "${include}";
`;
}

/** A node without Signalbox: BIRD announces the VIP as long as it runs. */
export function bareNodeFile({ k, multiplier }, node) {
  return `${nodeHead(k, node)}protocol bfd { interface "${DEVICES.segment}" { ${bfdTimes(multiplier)} }; }
protocol static vips { ipv4; route ${VIP}/32 blackhole; }
protocol bgp upstream {
  local ${onSegment(k, node)} as ${ASN.nodes};
  neighbor ${onSegment(k, 'router')} as ${ASN.router};
  ${TIMES}
  bfd on;
  ipv4 { import none; export where proto = "vips"; next hop self; };
}
`;
}
