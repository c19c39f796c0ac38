import { createInterface } from 'node:readline';
import { Bus } from '@signalbox/bus';
import type { NodeVip } from '@signalbox/contracts';
import { createLog } from '@signalbox/runtime';
import { Leaders } from '../../leases/leaders.js';
import type { WantedAnnouncements } from '../announcer.js';
import { AddressAnnouncer } from './address-announcer.js';

// A node of tests with packets: an announcer in a process of its own, which applies each line of its input, a list of VIPs, and writes how they
// stand whenever that changes. Arguments: address of NATS, name of the node.

const DEADLINE = { deadlineMs: 30_000 };
const [url = '', node = ''] = process.argv.slice(2);
const log = createLog(process.env['LOG_LEVEL'] ?? 'silent');
const leaders = new Leaders();
const announcer = new AddressAnnouncer({ node }, leaders, log);
let vips: readonly NodeVip[] = [];

async function apply(): Promise<void> {
  const wanted: WantedAnnouncements = {
    node,
    vips,
    peers: [],
    prefixes: ['192.0.2.0/24', '2001:db8:1::/64'],
  };
  const result = await announcer.apply(wanted, DEADLINE);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

announcer.onChange(() => void apply());
void Bus.connect({ url, name: 'dataplane-agent', log }).then((bus) => leaders.attach(bus));
for await (const line of createInterface(process.stdin)) {
  vips = JSON.parse(line) as readonly NodeVip[];
  await apply();
}

// whoever spoke to it is gone
process.exit();
