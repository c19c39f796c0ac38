import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ConfigSinkSpec,
  formatTime,
  SINK_API,
  type SinkRecord,
  type SinkState,
  type SinkStep,
  SUBJECTS,
} from '@signalbox/contracts';
import { resource } from '../e2e/manifests.js';
import { OBEYS } from './recording-plugins.js';
import type { RecordingSite } from './recording-site.js';

/** A port of the reserved ones at which nobody listens: the same wherever a history is recorded. */
const NOBODY = 'http://127.0.0.1:9/';

/** A file and a bucket that follow the config, are held, paused and changed by hand; each step that can fail; one that is deleted. */
export async function sinksWrite(recording: RecordingSite): Promise<void> {
  const obeys = await recording.addSinkCommand('obeys', OBEYS);
  const command = (word: string): { readonly argv: readonly string[] } => ({ argv: [obeys, word, '{file}'] });
  const text = join(recording.sinkDir, 'text');
  const template = '{% for one in byKind.Sunk %}{{ one.spec.text }}{% endfor %}';
  await recording.apply(
    sink('text', {
      template,
      file: {
        path: text,
        ...{ check: command('no-check'), reload: command('no-reload'), verify: command('no-verify') },
      },
    }),
    sink('bucket', { natsKv: { bucket: 'sunk' } }),
  );
  await untilStands(recording, 'text', 'waiting');
  await recording.apply(sunk('first'));
  for (const name of ['text', 'bucket']) await untilStands(recording, name, 'applied');
  for (const step of ['check', 'reload', 'verify'] as const) {
    await recording.apply(sunk(`no-${step}`));
    await untilStands(recording, 'text', 'degraded', step);
  }
  await recording.apply(sunk('second'));
  await untilStands(recording, 'text', 'applied');
  await order(recording, 'bucket', 'pause');
  await untilStands(recording, 'bucket', 'paused');
  writeFileSync(text, 'by hand\n');
  await untilStands(recording, 'text', 'drifted');
  await order(recording, 'text', 'resume');
  await untilStands(recording, 'text', 'applied');
  await recording.delete('Sunk', 'one');
  await untilStands(recording, 'text', 'held');

  await recording.apply(
    sink('elsewhere', { file: { path: '/elsewhere/text' } }),
    sink('nobody', { webhook: { url: NOBODY } }),
    sink('odd', { template: '{{ resources | shout }}', file: { path: join(recording.sinkDir, 'odd') } }),
    sunk('third'),
  );
  await untilStands(recording, 'elsewhere', 'degraded', 'write');
  await untilStands(recording, 'nobody', 'degraded', 'send');
  await untilStands(recording, 'odd', 'degraded', 'template');
  for (const name of ['elsewhere', 'nobody', 'odd']) {
    await recording.delete('ConfigSink', name);
    await untilStands(recording, name, 'removed');
  }
  await rarelyFails(recording);
}

/** Steps that fail when a disk does: as the service says it, of a sink that is gone. */
async function rarelyFails(recording: RecordingSite): Promise<void> {
  const steps: readonly SinkStep[] = ['rename', 'restore'];
  const about = { sink: 'rare', revision: 1, generation: 1 };
  const records = steps.map((step, at): SinkRecord => ({
    ...{ ...about, version: at + 1, at: formatTime(Date.now()), state: 'degraded' },
    failure: { step, error: { code: 'sink-write', message: `${step}: EIO` }, attempts: 1 },
  }));
  const removed: SinkRecord = {
    ...about,
    ...{ version: steps.length + 1, at: formatTime(Date.now()), state: 'removed' },
  };
  for (const record of [...records, removed]) await recording.append(SUBJECTS.sinkActivity('rare'), record);
  await untilStands(recording, 'rare', 'removed');
}

function sink(name: string, target: Partial<ConfigSinkSpec>): ReturnType<typeof resource> {
  const select = { kinds: ['Sunk'] };
  return resource(SINK_API, 'ConfigSink', name, { minWait: '0s', maxWait: '0s', select, ...target });
}

function sunk(text: string): ReturnType<typeof resource> {
  return resource('example.net/v1', 'Sunk', 'one', { text });
}

async function order({ site }: RecordingSite, name: string, command: 'pause' | 'resume'): Promise<void> {
  const { status } = await site.rest('POST', `/v1/sinks/${name}/${command}`, { reason: 'a test' });
  if (status >= 300) throw new Error(`${command} of ${name} answered ${status}`);
}

async function untilStands(
  recording: RecordingSite,
  name: string,
  state: SinkState,
  step?: SinkStep,
): Promise<void> {
  const failed = step === undefined ? '' : ` and failure::jsonb ->> 'step' = '${step}'`;
  await recording.untilRows(
    `${name} to be ${state}${step === undefined ? '' : ` at ${step}`}`,
    `select 1 from sinks where name = '${name}' and state = '${state}'${failed}`,
  );
}
