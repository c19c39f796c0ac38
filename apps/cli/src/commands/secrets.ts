import type { Command } from 'commander';
import type { Session } from '../session.js';
import { withExamples } from './options.js';

export function addSecrets(program: Command, session: Session): void {
  const secret = program.command('secret').description('secrets that a site shares with its peers');
  const command = secret
    .command('create')
    .description('make a new random secret in a file that only you can read, without a site')
    .argument('<file>', 'where it is kept; must not be there yet');
  withExamples(
    command,
    'signalbox secret create .signalbox/secrets/edge.key',
    'signalbox secret create edge.key',
  ).action(async (file: string) => {
    const { createSecret } = await import('../keys/create-secret.js');
    createSecret(session, file);
  });
}
