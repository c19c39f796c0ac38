import type { Command } from 'commander';
import type { Session } from '../session.js';
import { toCount, withExamples, withProject } from './options.js';

/** For Nagios and whatever speaks its language: one line with figures, exit code 0, 1, 2 or 3. */
export function addCheck(program: Command, session: Session): void {
  const check = program
    .command('check')
    .description('one line for Nagios and scripts; exit code 0 ok, 1 warning, 2 critical, 3 unknown');
  withExamples(
    check,
    'signalbox check site',
    'signalbox check frontend web --min-usable 2',
    'signalbox check backend web-1',
    'signalbox check peer cloud',
  );
  const site = check
    .command('site')
    .description('everything that doctor looks at')
    .argument('[areas...]', 'only these areas of doctor');
  withExamples(site, 'signalbox check site', 'signalbox check site federation clock').action(
    async (areas: readonly string[]) => (await import('../check/run-check.js')).checkSite(session, areas),
  );
  const peer = check
    .command('peer')
    .description('deliveries to a peer and its clock')
    .argument('<name>', 'name of the EventPeer');
  withExamples(peer, 'signalbox check peer cloud').action(async (name: string) =>
    (await import('../check/run-check.js')).checkPeer(session, name),
  );
  const backend = withProject(
    check.command('backend').description('the state of a backend').argument('<name>', 'name of the backend'),
  );
  withExamples(backend, 'signalbox check backend web-1').action(
    async (name: string, { project }: { readonly project?: string }) =>
      (await import('../check/run-check.js')).checkBackend(session, name, project),
  );
  const frontend = withProject(
    check
      .command('frontend')
      .description('how many backends of a frontend can be used')
      .argument('<name>', 'name of the frontend')
      .option('--min-usable <n>', 'critical below so many (1)', toCount),
  );
  withExamples(frontend, 'signalbox check frontend web --min-usable 2').action(
    async (
      name: string,
      { project, minUsable = 1 }: { readonly project?: string; readonly minUsable?: number },
    ) => (await import('../check/run-check.js')).checkFrontend(session, name, minUsable, project),
  );
}
