#!/usr/bin/env node
/*
 * host-record: a client that was seen gets a DNS record. Needs Node.js 20, no package.
 *
 * Reads a PluginRequest (JSON) from stdin, writes a PluginResult (one line of JSON) to stdout. With
 * SIGNALBOX_PLUGIN_MODE=persistent it serves one request a line until stdin ends.
 */
import { isIPv4 } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

const TTL = process.env.RECORD_TTL || '30m';
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOST_NAME = new RegExp(`^${LABEL}(?:[.]${LABEL})*$`);

/** Name and address of a seen client, or why there are none. */
function recordOf({ subject = '', payload = {} }) {
  const address = subject.replace(/\/32$/, '');
  if (!isIPv4(address)) return { reason: 'the subject is not one IPv4 address' };
  const name = (payload.name ?? '').toLowerCase();
  if (name.length > 253 || !HOST_NAME.test(name)) return { reason: 'payload.name is no host name' };
  return { name, address };
}

function statusFor(events) {
  if (!Array.isArray(events)) {
    const fatal = { severity: 'fatal', reason: 'RequestNotUsable', message: 'spec.events is no list' };
    return { results: [fatal] };
  }
  const records = new Map();
  const outcomes = [];
  for (const event of events) {
    const { reason, ...record } =
      event.type === 'client.seen' ? recordOf(event) : { reason: 'the type is not client.seen' };
    if (reason === undefined)
      records.set(record.name, record); // two facts about one name: the later one counts
    else
      outcomes.push({
        eventId: event.id,
        outcome: event.type === 'client.seen' ? 'failed' : 'ignored',
        reason,
      });
  }
  const resources = [...records.keys()].sort().map((name) => ({
    apiVersion: 'dns.example.net/v1',
    kind: 'HostRecord',
    metadata: { name },
    spec: records.get(name),
  }));
  return { ttl: TTL, resources, outcomes };
}

function answer(line) {
  const { meta, spec } = JSON.parse(line);
  const result = {
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'PluginResult',
    metadata: { name: 'host-record' },
    meta,
    status: statusFor(spec?.events),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

if (process.env.SIGNALBOX_PLUGIN_MODE === 'persistent')
  for await (const line of createInterface({ input: process.stdin })) answer(line);
else answer(await text(process.stdin));
