// A full sync of VPP by the driver, and beside it what VPP has to be asked for it, thrown away.
import { answer, built } from './domain-of.mjs';
import { PATIENT } from './plane.mjs';

const of = (file) => built(`apps/dataplane-agent/src/drivers/vpp/${file}.js`);
const { VppDriver } = await of('vpp-driver');
const { connectVpp } = await of('api/vpp-client');
const { nodeDescription } = await of('api/installed-description');
const { TARGET_DUMP, VIP_DUMP } = await of('lb-messages');
const { DEFAULT_TIMEOUTS } = await built('libs/contracts/src/index.js');
const { createLog } = await built('libs/runtime/src/index.js');

const { path, vips, targets } = JSON.parse(process.argv[2]);
const { description } = await nodeDescription('/nowhere');
const connect = (deadline) => connectVpp(path, { clientName: 'bench', description, deadline });
const driver = new VppDriver({ node: 'bench', connect, log: createLog('silent') });
const bare = await connect(PATIENT);

const state = {
  ...{ node: 'bench', generation: 1 },
  vpp: {
    ...{ ipv4SrcAddress: '192.0.2.254', ipv6SrcAddress: '2001:db8::fe' },
    ...{ stickyBucketsPerCore: 1024, flowTimeoutSeconds: 40 },
  },
  listeners: Array.from({ length: vips }, (_none, vip) => ({
    ...{ name: `l${String(vip).padStart(6, '0')}`, address: `10.1.${vip >> 8}.${vip & 255}` },
    ...{ protocol: 'tcp', port: 80, algorithm: 'maglev', timeouts: DEFAULT_TIMEOUTS },
    targets: Array.from({ length: targets }, (_one, at) => ({
      ...{ address: `10.2.${vip & 255}.${at}`, port: 80, weight: 100, flushes: 0 },
    })),
  })),
};

async function sync() {
  const began = performance.now();
  const { writes } = await driver.apply(state, { deadlineMs: 100_000 });
  return { ms: performance.now() - began, writes };
}

async function asked() {
  const began = performance.now();
  await Promise.all([
    bare.call('lb_conf_get', {}, PATIENT),
    bare.dump(VIP_DUMP.message, VIP_DUMP.fields, PATIENT),
    bare.dump(TARGET_DUMP.message, TARGET_DUMP.fields, PATIENT),
    bare.cli('show lb vips verbose', PATIENT),
  ]);
  return { ms: performance.now() - began };
}

answer(
  async ({ what, times }) => {
    const all = [];
    for (let time = 0; time < times; time += 1) all.push(await (what === 'sync' ? sync() : asked()));
    return { ms: all.map(({ ms }) => ms).sort((a, b) => a - b), writes: all.map(({ writes }) => writes) };
  },
  async () => {
    bare.close();
    await driver.close();
  },
);
