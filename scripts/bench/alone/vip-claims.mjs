// Granting of VIPs beside the least that hands out addresses: a counter and two maps. Alone in a process.
import { answer, built } from './domain-of.mjs';

const { VipGranting } = await built('apps/balancer/src/domain/vip-granting.js');
const { BALANCE_API, holderKey, vipPoolModel, vipWish } = await built('libs/contracts/src/index.js');

const POOL = vipPoolModel({
  ...{ apiVersion: BALANCE_API, kind: 'VipPool', metadata: { name: 'edge' } },
  spec: { addresses: ['10.0.0.0/8'] },
});

answer(({ claims, times }) => {
  const asks = Array.from({ length: claims }, (_, n) => {
    const claim = { apiVersion: BALANCE_API, kind: 'VipClaim', metadata: { name: `claim-${n}` }, spec: {} };
    const wish = vipWish(claim);
    return { key: holderKey(wish.holder), wish };
  });
  const took = { ours: [], plain: [], tenth: [] };
  // by turns, so that both have the same machine; the first ones are for the compiler alone
  for (let n = -2; n < times; n += 1) {
    const tenth = perClaim(asks.slice(0, claims / 10), granted);
    const [ours, plain] = [perClaim(asks, granted), perClaim(asks, counted)];
    if (n < 0) continue;
    took.ours.push(ours);
    took.plain.push(plain);
    took.tenth.push(tenth);
  }
  return { ours: median(took.ours), plain: median(took.plain), tenth: median(took.tenth) };
});

/** Microseconds for each. */
function perClaim(asks, grant) {
  const began = performance.now();
  const given = grant(asks);
  const us = ((performance.now() - began) * 1000) / asks.length;
  if (new Set(given).size !== asks.length) throw new Error('an address was given twice, or a claim has none');
  return us;
}

function granted(asks) {
  const granting = new VipGranting();
  granting.setPools([POOL]);
  granting.decide(asks, 0);
  return asks.map(({ key }) => granting.ledger.addressOf(key));
}

function counted(asks) {
  const [holders, addresses] = [new Map(), new Map()];
  let next = 1;
  for (const { key } of asks) {
    const address = `10.${(next >> 16) & 255}.${(next >> 8) & 255}.${next & 255}`;
    next += 1;
    holders.set(address, key);
    addresses.set(key, address);
  }
  return asks.map(({ key }) => addresses.get(key));
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
