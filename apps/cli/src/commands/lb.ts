import type { RouterDocument } from '@signalbox/contracts';
import { type Command, Option } from 'commander';
import { printAnswer } from '../apply/print-answer.js';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import { pathOf } from '../rest-client.js';
import type { ApplyAnswer } from '../rest/answers.js';
import type { Session } from '../session.js';
import {
  type DryRunFlags,
  type OutputFlags,
  type ProjectFlags,
  withDryRun,
  withExamples,
  withOutput,
  withProject,
} from './options.js';
import { LB_ALGORITHMS, LB_FORWARDINGS, LB_PROTOCOLS } from './states.js';

interface AddFlags extends OutputFlags, ProjectFlags, DryRunFlags {
  readonly protocol: string;
  readonly algorithm?: string;
  readonly forwarding?: string;
  readonly backend?: readonly string[];
  readonly check?: string;
  readonly vipPool?: string;
}

export function addLb(program: Command, session: Session): void {
  const lb = program.command('lb').description('a load balancer with one listener, in one line');
  withExamples(
    lb,
    'signalbox lb add shop 192.0.2.1:80 --backend 10.0.0.1:8080 10.0.0.2:8080 10.0.0.3:8080 --check tcp',
    'signalbox lb rm shop',
  );
  addAdd(lb, session);
  addRemove(lb, session);
}

function addAdd(lb: Command, session: Session): void {
  const command = lb
    .command('add')
    .description('a load balancer, its listener, its pool and its backends; again with others: these instead')
    .argument('<name>', 'of the load balancer, its listener and its pool')
    .argument('<vip>', 'address:port that clients use; auto:port: an address of a VipPool')
    .addOption(new Option('--protocol <name>', 'what it carries').choices(LB_PROTOCOLS).default('tcp'))
    .addOption(new Option('--algorithm <name>', 'who gets a connection').choices(LB_ALGORITHMS))
    .addOption(
      new Option(
        '--forwarding <way>',
        'how answers come to clients; dsr: from the servers themselves',
      ).choices(LB_FORWARDINGS),
    )
    .option('--vip-pool <name>', 'the VipPool that auto:port takes an address of; without: any')
    .option('--backend <endpoint...>', 'address:port or name=address:port of each server')
    .option('--check <check>', 'how the servers are probed: tcp, http or http:/path; without: not at all');
  withExamples(
    withOutput(withDryRun(withProject(command))),
    'signalbox lb add shop 192.0.2.1:80 --backend 10.0.0.1:8080 10.0.0.2:8080 10.0.0.3:8080',
    'signalbox lb add shop 192.0.2.1:80 --backend a=10.0.0.1:80 b=10.0.0.2:80 --check http:/healthz --algorithm maglev',
    'signalbox lb add shop 192.0.2.1:80 --backend 10.0.0.1:80 10.0.0.2:80 --algorithm maglev --forwarding dsr',
    'signalbox lb add shop auto:80 --vip-pool edge --backend 10.0.0.1:8080',
  ).action(async (name: string, vip: string, { output, dryRun, full, backend = [], ...flags }: AddFlags) => {
    const { lbBundle } = await import('../lb/lb-bundle.js');
    const answer = await send(session, lbBundle({ ...flags, name, vip, backend }), dryRun);
    await printAnswer(session, answer, { output, full });
  });
}

function addRemove(lb: Command, session: Session): void {
  const command = lb
    .command('rm')
    .description('removes what "lb add" made: load balancer, listener, pool, backends and check')
    .argument('<name>', 'the load balancer');
  withExamples(withOutput(withDryRun(withProject(command))), 'signalbox lb rm shop').action(
    async (name: string, { output, dryRun, full, project }: AddFlags) => {
      const { emptyBundle } = await import('../lb/lb-bundle.js');
      const place = { name, ...(project !== undefined && { project }) };
      const answer = await send(session, emptyBundle(place), dryRun);
      if (answer.plan.length > 0) return printAnswer(session, answer, { output, full });
      throw new Failure('not-found', `"lb add" made no load balancer ${name}`, EXIT.notFound, {
        next: `signalbox show loadbalancers; one of a file goes with: signalbox delete LoadBalancer ${name}`,
      });
    },
  );
}

/** One changeset. */
function send(session: Session, bundle: RouterDocument, dryRun: boolean | undefined): Promise<ApplyAnswer> {
  return session.client.call<ApplyAnswer>(pathOf('apply'), {
    method: 'POST',
    has: ['revision', 'plan'],
    changesNothing: dryRun === true,
    headers: { 'content-type': 'application/json' },
    query: { dryRun },
    body: JSON.stringify(bundle),
  });
}
