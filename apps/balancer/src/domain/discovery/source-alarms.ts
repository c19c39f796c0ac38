import { type Alarm, sourceOwner, type SourceStatus, toldProject } from '@signalbox/contracts';

/** What is wrong with a source; `isAway`: it cannot be asked for longer than its spec bears. ADR 0028. */
export function sourceAlarms(status: SourceStatus, isAway: boolean): Alarm[] {
  const { source, since, reason = '', heldBack, rejected } = status;
  const about = { name: source, ...toldProject(source) };
  const what = sourceOwner(source);
  const alarms: Alarm[] = [];
  if (isAway)
    alarms.push({ kind: 'source-unavailable', ...about, since, text: `${what} cannot be asked: ${reason}` });
  if (heldBack) {
    const { leaving, of, since: heldSince } = heldBack;
    const text = `${what} says that ${leaving} of ${of} backends are gone, more than maxRemovedPercent allows: they stay`;
    alarms.push({ kind: 'source-held-back', ...about, since: heldSince, text });
  }
  if (rejected) {
    const { code, message, since: rejectedSince } = rejected;
    const text = `what ${what} brings is not in the config: ${message}`;
    alarms.push({ kind: 'source-rejected', ...about, reason: code, since: rejectedSince, text });
  }
  return alarms;
}
