// The text by which the driver changes a weight, given to `nft -f` and nothing else done.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { answer, built } from '../alone/domain-of.mjs';
import { nftListener } from '../alone/nft-listener.mjs';

const NFTABLES = 'apps/dataplane-agent/src/drivers/nftables';
const { deltaPlan, wholePlan } = await built(`${NFTABLES}/table-plan.js`);
const { nftListener: placed } = await built(`${NFTABLES}/nft-listener.js`);

const { size } = JSON.parse(process.argv[2]);
const TABLE = 'signalbox_bench';
const [full, half] = [100, 50].map((weight) => {
  const listener = nftListener(size, weight);
  return { listeners: [placed(listener, { address: listener.address, port: listener.port })] };
});
const texts = [deltaPlan(TABLE, half, full).script, deltaPlan(TABLE, full, half).script];
await tell(wholePlan(TABLE, { keepsSource: false }, full).script);
let turn = 0;

answer(async ({ changes }) => {
  const times = [];
  for (let made = 0; made < changes; made += 1) {
    turn += 1;
    const began = performance.now();
    await tell(texts[turn % 2]);
    times.push(performance.now() - began);
  }
  return { times: times.sort((a, b) => a - b), bytes: texts[0].length };
});

async function tell(text) {
  const nft = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  nft.stdin.end(text);
  const [code] = await once(nft, 'close');
  if (code !== 0) throw new Error(`nft ended with ${code}`);
}
