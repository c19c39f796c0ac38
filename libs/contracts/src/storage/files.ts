import { BOUNDS } from './bounds.js';
import type { NumberBound, Stored } from './stored-thing.js';

const LOG: NumberBound = {
  most: BOUNDS.serverLogBytes,
  unit: 'bytes',
  per: 'file',
  whenFull: 'forgets',
};

function file(name: string, holds: string, bound: Stored['bound']): Stored {
  return { name, kind: 'file', owner: 'up', holds, bound };
}

/** What stands in the state directory, by its path there; a directory ends in `/`. */
export const FILES: readonly Stored[] = [
  file('nats/', 'the streams', { rule: 'what the streams may hold, together' }),
  file('pg/', 'the tables', { rule: 'what the tables hold, and up to 512 MB of log of Postgres' }),
  file('pg.place', 'where Postgres keeps the tables when it is not in `pg/`', { rule: 'one line' }),
  file('nats.log*', 'the log of NATS, and the one before', LOG),
  file('postgres.log*', 'the log of Postgres, and the one before', LOG),
  file('log/', 'the logs of the services, and the ones before', LOG),
  file('nats.conf', 'the configuration of NATS', { rule: 'written anew at every start' }),
  file('*.pid', 'which processes run', { rule: 'one for each process' }),
  file('ports.json', 'which ports are taken', { rule: 'one number for each process' }),
  file('audit.key', 'keys that the audit seals with, the newest first', { rule: 'one line for each' }),
  file('context.json', 'where the API is, and its first token', { rule: 'one' }),
  file(
    'dataplane-agent/',
    'what each node shall do, what it announces and which addresses it added, for a start without NATS; file, sockets, log and certificates of its HAProxy; file and log of its keepalived',
    {
      rule: 'the last complete state of each node with the listeners that leave it, as HAProxy has it too, 256 KiB for each certificate that it serves, and 1 MiB of each log',
    },
  ),
  file('keys/', 'keys of the users of NATS and Postgres', { rule: 'two for each service' }),
  file('plugins/', 'plugins', { rule: 'what people put there' }),
  file('sinks/', 'files that sinks write, where nothing else is set', { rule: 'one or two for each sink' }),
  file('sink-state/', 'what a sink is about to change in a file', { rule: 'one for each sink with a file' }),
  file('sink-commands/', 'programs that sinks start', { rule: 'what people put there' }),
  file('secrets/', 'secrets that resources name', { rule: 'what people put there' }),
  file('signalbox-plugin-*', 'in the directory for temporary files: what a plugin writes while it runs', {
    rule: 'one for each run in work or persistent process, removed with it',
  }),
  file('cache/', 'programs that were fetched', { rule: 'one for each version' }),
];

/** The disks that a site looks at. */
export const DISKS: readonly Stored[] = [
  {
    name: 'state directory',
    kind: 'disk',
    owner: 'api',
    holds: 'the file system of the state directory, with all that others keep on it',
    bound: { rule: 'its size' },
  },
];
