import { type Alarm, type AlarmKind, SINK_API, type SinkRecord, type SinkState } from '@signalbox/contracts';

/** States that somebody has to look at. */
const KINDS: Partial<Readonly<Record<SinkState, AlarmKind>>> = {
  degraded: 'sink-degraded',
  drifted: 'sink-drifted',
  held: 'sink-held',
};

/** Longest text of a line of output that an alarm tells. Characters. */
const LINE_LENGTH = 200;

/** What is wrong with a sink that stands like this since then; undefined when nothing is. */
export function sinkAlarm(record: SinkRecord, since: string): Alarm | undefined {
  const { sink, state, failure, reason = '' } = record;
  const kind = KINDS[state];
  if (!kind) return undefined;
  const what = failure
    ? `${failure.step} failed: ${failure.error.message}${firstLine(failure.output)}`
    : reason;
  return {
    kind,
    name: sink,
    reason: failure ? failure.error.code : kind,
    since,
    text: `sink ${sink}: ${what}`,
    resources: [{ apiVersion: SINK_API, kind: 'ConfigSink', name: sink }],
  };
}

function firstLine(output = ''): string {
  const line = output.split('\n').find((one) => one.trim() !== '');
  return line === undefined ? '' : ` (${line.trim().slice(0, LINE_LENGTH)})`;
}
