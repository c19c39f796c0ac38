// Second stage of the bare chain: hands every run to one persistent plugin process, line by line, and sends results on.
import { spawn } from 'node:child_process';
import { consumeBatches, runStage } from './stage.mjs';

await runStage(async ({ nc, publisher, settings }) => {
  const { stream, executable, results } = settings;
  const ask = startPlugin(executable);
  let tag = 0;
  await consumeBatches(nc, stream, 'plugin', async (batch) => {
    await Promise.all(
      batch.map(async (message) => {
        const { subscription, fact } = JSON.parse(message.string());
        const result = await ask(`${(tag += 1)}`, requestOf(subscription, fact));
        const { resources } = result.status;
        await publisher.append(results, JSON.stringify({ subscription, fact: fact.id, resources }));
      }),
    );
  });
});

function requestOf(subscription, fact) {
  return {
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'PluginRequest',
    metadata: { name: 'bare' },
    spec: {
      trigger: { type: 'federation-subscription', topic: `routerd.federation.subscription/${subscription}` },
      now: new Date().toISOString(),
      events: [fact],
      context: { resources: [] },
    },
  };
}

/** Every request is told from the others by its tag; all of a batch are in flight at once. */
function startPlugin(executable) {
  const env = { PATH: process.env.PATH, SIGNALBOX_PLUGIN_MODE: 'persistent' };
  const child = spawn(executable, [], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill());
  const waiting = new Map();
  let input = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    input += text;
    const lines = input.split('\n');
    input = lines.pop();
    for (const line of lines) {
      const result = JSON.parse(line);
      waiting.get(result.meta.tag)(result);
      waiting.delete(result.meta.tag);
    }
  });
  return (tag, request) =>
    new Promise((resolve) => {
      waiting.set(tag, resolve);
      child.stdin.write(`${JSON.stringify({ ...request, meta: { protocol: 'v1alpha1', tag } })}\n`);
    });
}
