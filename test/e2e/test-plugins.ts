/** Plugins of the tests, most in plain sh: each starts in a few milliseconds. */

interface SeenHostOptions {
  /** Shell text that runs first. */
  readonly first?: string;
  readonly ttl?: string;
}

/** Turns a fact {subject, payload: {serial}} into one `example.net/v1 SeenHost` named after the subject. */
export function seenHost({ first = ':', ttl = '1h' }: SeenHostOptions = {}): string {
  const resource = `{"apiVersion":"example.net/v1","kind":"SeenHost","metadata":{"name":"\\1"},"spec":{"serial":"\\2"}}`;
  const result = `{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","metadata":{"name":"seen-host"},"status":{"ttl":"${ttl}","resources":[${resource}]}}`;
  return `#!/bin/sh
${first}
exec sed -E 's|.*"subject":"([^"]*)".*"payload":[{]"serial":"([^"]*)"[}].*|${result}|'
`;
}

/** As {@link seenHost}, for `mode: persistent`: a line of JSON in, a line out. `ttl`: how long its parts stand. */
export function seenHostServer(ttl = '1h'): string {
  return `#!/usr/bin/env node
'use strict';
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { spec, meta } = JSON.parse(line);
  const resources = spec.events.map(({ subject, payload }) => ({
    apiVersion: 'example.net/v1',
    kind: 'SeenHost',
    metadata: { name: subject },
    spec: { serial: payload.serial },
  }));
  const result = {
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'PluginResult',
    metadata: { name: 'seen-host' },
    status: { ttl: '${ttl}', resources },
    meta,
  };
  process.stdout.write(JSON.stringify(result) + '\\n');
});
`;
}

export const SEEN_HOST_SERVER = seenHostServer();

/** As {@link SEEN_HOST_SERVER}; once an answer is written, it kills the process whose pid stands in the file $VICTIM. */
export const FATAL_SEEN_HOST_SERVER = `${SEEN_HOST_SERVER}
const { readFileSync } = require('node:fs');
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (line) =>
  write(line, () => {
    const pid = Number(readFileSync(process.env.VICTIM, 'utf8'));
    try {
      if (pid > 0) process.kill(pid, 'SIGKILL');
    } catch {
      // it is dead already
    }
  });
`;

/**
 * As {@link seenHost}, for batches: notes the events it was given as a line of $STARTS. It exits with 3 when the payload of one says
 * `is: bad`, and reports `ignored` or `failed` of those that say so. It takes $PAUSE milliseconds, 0 when it is not given.
 */
export const BATCH_SEEN_HOSTS = `#!/usr/bin/env node
'use strict';
const { appendFileSync, readFileSync } = require('node:fs');
const { spec } = JSON.parse(readFileSync(0, 'utf8'));
appendFileSync(process.env.STARTS, spec.events.map(({ id }) => id).join(',') + '\\n');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(process.env.PAUSE ?? 0));
const bad = spec.events.find(({ payload }) => payload.is === 'bad');
if (bad) {
  console.error(bad.id + ' is bad');
  process.exit(3);
}
const said = spec.events.filter(({ payload }) => payload.is);
const resources = spec.events
  .filter(({ payload }) => !payload.is)
  .map(({ id, subject, payload }) => ({
    apiVersion: 'example.net/v1',
    kind: 'SeenHost',
    metadata: { name: subject, annotations: { 'routerd.net/event-id': id } },
    spec: { serial: payload.serial },
  }));
const outcomes = said.map(({ id, payload }) => ({ eventId: id, outcome: payload.is, reason: 'it says so' }));
console.log(
  JSON.stringify({
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'PluginResult',
    metadata: { name: 'seen-hosts' },
    status: { ttl: '1h', resources, outcomes },
  }),
);
`;

/** Notes its start in $STARTS, says why on stderr and exits with $CODE. */
export const FAILING = `#!/bin/sh
echo started >> "$STARTS"
echo 'first line' >&2
echo 'the printer is out of paper' >&2
exit "$CODE"
`;

/** Notes its start in $STARTS and never ends, until nobody listens to its stderr any more. */
export const HANGING = `#!/bin/sh
echo started >> "$STARTS"
while printf . >&2; do sleep 0.2; done
`;

/** Shell text that notes the start in $STARTS and goes on when the file $GATE is there. */
export const WAITING = `echo started >> "$STARTS"
until [ -e "$GATE" ]; do sleep 0.05; done`;
