import type { Command } from 'commander';
import type { Session } from '../session.js';
import { withExamples } from './options.js';

export function addKeys(program: Command, session: Session): void {
  const keys = program.command('keys').description('keys with which the processes of a site log in');
  addCreate(keys, session);
}

function addCreate(keys: Command, session: Session): void {
  const command = keys
    .command('create')
    .description('make what is missing of the NATS keys of a site, one directory a user, without a site')
    .requiredOption('--dir <directory>', 'where they are kept; made if missing')
    .option('--database-password', 'make a password for Postgres as well');
  withExamples(
    command,
    'signalbox keys create --dir keys',
    'signalbox keys create --dir /keys --database-password',
  ).action(async (flags: { dir: string; databasePassword?: true }) => {
    const { createKeys } = await import('../keys/create-keys.js');
    createKeys(session, flags);
  });
}
