// A weight that goes to and fro, by the driver: from the call of apply to its end.
import { answer, built } from './domain-of.mjs';
import { bring } from './plane.mjs';
import { nftListener } from './nft-listener.mjs';

const { NftablesDriver } = await built('apps/dataplane-agent/src/drivers/nftables/nftables-driver.js');
const { ProcessPortMemory } = await built('apps/dataplane-agent/src/drivers/port-memory.js');

const { size } = JSON.parse(process.argv[2]);
const driver = new NftablesDriver({ node: 'bench', keepsSource: false }, new ProcessPortMemory());
await bring(driver, [nftListener(size, 100)]);
let turn = 0;

answer(
  async ({ changes }) => {
    const times = [];
    for (let made = 0; made < changes; made += 1) {
      turn += 1;
      const wanted = [nftListener(size, turn % 2 === 0 ? 100 : 50)];
      const began = performance.now();
      const { writes } = await bring(driver, wanted);
      times.push(performance.now() - began);
      if (writes !== 1) throw new Error(`an apply of another weight wrote ${writes} times`);
    }
    return { times: times.sort((a, b) => a - b) };
  },
  () => driver.close(),
);
