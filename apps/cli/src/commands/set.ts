import { Argument, type Command, InvalidArgumentError } from 'commander';
import type { BackendOutcome } from '../rest/answers.js';
import { pathOf } from '../rest-client.js';
import type { Session } from '../session.js';
import { matchesOf, oneOf } from '../words/match-word.js';
import {
  type OutputFlags,
  type ProjectFlags,
  withExamples,
  withOutput,
  withPlainDryRun,
  withProject,
} from './options.js';
import { addSetFrontend } from './set-frontend.js';
import { BACKEND_COMMANDS } from './states.js';

interface SetFlags extends OutputFlags, ProjectFlags {
  readonly reason?: string;
}

export function addSet(program: Command, session: Session): void {
  const set = program.command('set').description('what operators do with backends and weights');
  withExamples(
    set,
    'signalbox set backend nginx1 pause',
    'signalbox set frontend http-vip pool primary backend nginx1 weight 50',
  );
  addSetBackend(set, session);
  addSetFrontend(set, session);
}

function addSetBackend(set: Command, session: Session): void {
  const command = set
    .command('backend')
    .description('pause: no probes, new flows drain; disable: out, flows are cut; resume and enable: back')
    .argument('<name>', 'the backend')
    .addArgument(new Argument('<command>', 'what to do').choices(BACKEND_COMMANDS).argParser(toCommand))
    .option('--reason <text>', 'why, for the history');
  withExamples(
    withPlainDryRun(withOutput(withProject(command))),
    'signalbox set backend nginx1 pause',
    'signalbox set backend nginx2 disable --reason "disk swap"',
  ).action(async (name: string, verb: string, { reason, project, output }: SetFlags) => {
    const { body, pending } = await session.client.answer<BackendOutcome>(pathOf('backends', name, verb), {
      method: 'POST',
      query: { project },
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ reason }),
      ifMissing: 'signalbox show backends',
      has: ['name', 'state', 'changed'],
    });
    const { outcomeText } = await import('../views/backend.view.js');
    await session.printOne(body, output, outcomeText);
    if (pending) session.notePending();
  });
}

function toCommand(typed: string): string {
  const [command, ...others] = matchesOf(typed, BACKEND_COMMANDS);
  if (command === undefined || others.length > 0)
    throw new InvalidArgumentError(`expected ${oneOf(BACKEND_COMMANDS)}.`);
  return command;
}
