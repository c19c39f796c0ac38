import type { Command } from 'commander';
import type { Session } from '../session.js';
import { withExamples } from './options.js';

export function addSupportBundle(program: Command, session: Session): void {
  const command = program
    .command('support-bundle')
    .description('what somebody who helps wants to see, in one file, without secrets')
    .option('--out <file>', 'where it goes (signalbox-support-<time>.tar.gz)');
  withExamples(command, 'signalbox support-bundle', 'signalbox support-bundle --out /tmp/site.tar.gz').action(
    async ({ out }: { readonly out?: string }) => {
      const { makeBundle } = await import('../bundle/make-bundle.js');
      await makeBundle(session, out);
    },
  );
}
