import type { Command } from 'commander';
import type { FrontendItem } from '../rest/answers.js';
import type { ListenerItem } from '../rest/answers.js';
import { EXIT } from '../exit-codes.js';
import { Failure, usageFailure } from '../failure.js';
import { type Call, pathOf } from '../rest-client.js';
import type { Session } from '../session.js';
import { readPhrase } from '../words/phrase.js';
import {
  type OutputFlags,
  type ProjectFlags,
  withExamples,
  withOutput,
  withPlainDryRun,
  withProject,
} from './options.js';

interface WeightFlags extends OutputFlags, ProjectFlags {
  readonly reason?: string;
  readonly expires?: string;
}

const PATH = 'signalbox set frontend';
const PHRASE = '<frontend> pool <pool> backend <backend> weight <0-100|default>';
const MAX_WEIGHT = 100;

export function addSetFrontend(set: Command, session: Session): void {
  const command = set
    .command('frontend')
    .description('weight of a backend in a pool of a frontend or listener, or the one of the config again')
    .usage(`${PHRASE} [options]`)
    .argument('[words...]', PHRASE)
    .option('--reason <text>', 'why, for the history')
    .option('--expires <duration>', 'the weight of the config again after so long: 30m, 1h');
  withExamples(
    withPlainDryRun(withOutput(withProject(command))),
    'signalbox set frontend http-vip pool primary backend nginx1 weight 50',
    'signalbox set frontend http-vip pool primary backend nginx1 weight 0 --expires 1h --reason "new kernel"',
    'signalbox set frontend http-vip pool primary backend nginx1 weight default',
  ).action(async (words: readonly string[], { output, project, ...flags }: WeightFlags) => {
    const [frontend, pool, backend, weight] = readPhrase(PHRASE, words, PATH) as [
      string,
      string,
      string,
      string,
    ];
    const call = await weightCall(weight, flags);
    const path = pathOf('frontends', frontend, 'pools', pool, 'backends', backend, 'weight');
    const { body, pending } = await session.client.answer<Weighed>(path, {
      ...call,
      query: { project },
      headers: { 'content-type': 'application/json' },
      ifMissing: `signalbox show frontends ${frontend}`,
      has: ['name', 'pools'],
    });
    const { targetText } = await import('../views/frontend.view.js');
    await session.printOne(body, output, () => `${targetText(targetIn(body, pool, backend))}\n`);
    if (pending) session.notePending();
  });
}

/** The request that a weight stands for. Throws a usage failure before anything is sent. */
async function weightCall(
  weight: string,
  { reason, expires }: Pick<WeightFlags, 'reason' | 'expires'>,
): Promise<Call> {
  if (expires !== undefined) {
    const { checkDuration } = await import('../words/duration-flag.js');
    checkDuration('--expires', expires, `${PATH} --help`);
  }
  if (weight === 'default') {
    if (expires !== undefined)
      throw usageFailure('--expires is for a weight, not for default', `${PATH} --help`);
    return { method: 'DELETE', body: JSON.stringify({ reason }) };
  }
  if (!/^\d+$/.test(weight) || Number(weight) > MAX_WEIGHT)
    throw usageFailure(
      `"${weight}" is not a weight: expected a whole number from 0 to ${MAX_WEIGHT}, or default`,
      `${PATH} --help`,
    );
  return { method: 'PUT', body: JSON.stringify({ weight: Number(weight), reason, expiresIn: expires }) };
}

/** What a weight was set for: a frontend, or a listener that may have pools of policies besides. */
type Weighed = FrontendItem & Pick<ListenerItem, 'policyPools'>;

function targetIn(
  { name, pools, policyPools = [] }: Weighed,
  pool: string,
  backend: string,
): FrontendItem['pools'][number]['backends'][number] {
  const target = [...pools, ...policyPools]
    .find((one) => one.name === pool)
    ?.backends.find((one) => one.name === backend);
  if (target) return target;
  throw new Failure(
    'unexpected-answer',
    `the answer has no ${backend} in pool ${pool} of ${name}`,
    EXIT.unreachable,
    {
      next: `signalbox show frontends ${name}`,
    },
  );
}
