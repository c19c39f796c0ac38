import { Command, CommanderError, Option } from 'commander';
import { addApply } from './commands/apply.js';
import { addCompact } from './commands/compact.js';
import { addCompletion } from './commands/completion.js';
import { addConfig } from './commands/config.js';
import { addContext } from './commands/context.js';
import { addDataplane } from './commands/dataplane.js';
import { addAudit } from './commands/audit.js';
import { addDead } from './commands/dead.js';
import { addDiff } from './commands/diff.js';
import { addBench } from './commands/bench.js';
import { addCheck } from './commands/check.js';
import { addSupportBundle } from './commands/support-bundle.js';
import { addTop } from './commands/top.js';
import { addDoctor } from './commands/doctor.js';
import { addDrain } from './commands/drain.js';
import { addDynamic } from './commands/dynamic.js';
import { addEvent } from './commands/event.js';
import { addExplainKind } from './commands/explain-kind.js';
import { addLb } from './commands/lb.js';
import { addKeys } from './commands/keys.js';
import { addSecrets } from './commands/secrets.js';
import { addNode } from './commands/node.js';
import { addPlugin } from './commands/plugin.js';
import { addProjections } from './commands/projections.js';
import { addResources } from './commands/resources.js';
import { addRollback } from './commands/rollback.js';
import { addRun } from './commands/run.js';
import { addSet } from './commands/set.js';
import { addShow } from './commands/show.js';
import { addSink } from './commands/sink.js';
import { addStatus } from './commands/status.js';
import { addSubscription } from './commands/subscription.js';
import { addSync } from './commands/vpp.js';
import { addToken, addWhoami } from './commands/token.js';
import { addVersion } from './commands/version.js';
import { addWatch } from './commands/watch.js';
import { toCount, withExamples } from './commands/options.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { failureText, toFailure, usageFailure } from './failure.js';
import { HeldRequest, heldText } from './held-request.js';
import { COLOURS, paintFor } from './output/colour.js';
import { Session } from './session.js';
import type { Terminal } from './terminal.js';
import { expandWords } from './words/expand-words.js';

/** Runs one command line. Returns the exit code; never throws. */
export async function runSignalbox(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const program = new Command('signalbox');
  const session = new Session(terminal, program);
  try {
    build(program, session);
    await program.parseAsync(expandWords(program, args), { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (error instanceof HeldRequest) {
      session.print(heldText(error.request));
      return EXIT.ok;
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = toFailure(error);
    const paint = session.paint(terminal.err);
    terminal.err.write(failureText(failure, (text) => paint('red', text)));
    return failure.exitCode;
  }
}

/** Gives the program its commands. The tree that it becomes can be walked: names, options, arguments, help. */
export function build(program: Command, session: Session): void {
  const { terminal } = session;
  withExamples(
    program
      .description('Controls a Signalbox site over its REST API.')
      .version(terminal.version, '-V, --version', 'print the version')
      .option('--context <path-or-name>', 'context file, or name of a stored context')
      .option('--url <url>', 'URL of the site (SIGNALBOX_URL)')
      .option('--token <token>', 'API token, sbx_… (SIGNALBOX_TOKEN)')
      .option('--timeout <seconds>', 'how long to wait for an answer (30)', toCount)
      .addOption(new Option('--color <when>', 'colour on a terminal').choices(COLOURS))
      .configureHelp({ showGlobalOptions: true })
      .exitOverride()
      .allowExcessArguments()
      .hook('preAction', (_program, command) => {
        refuseFurtherWords(command);
        session.isDryRun = command.opts<{ dryRun?: boolean }>().dryRun === true;
      })
      .configureOutput({
        writeOut: (text) => terminal.out.write(text),
        writeErr: (text) => terminal.err.write(text),
        outputError: (text, write) => {
          const paint = paintFor(terminal.err, terminal.env, undefined);
          write(text.replace(/^error: /, `${paint('red', 'signalbox:')} usage: `));
        },
      }),
    'signalbox apply -f site.yaml --dry-run',
    'signalbox event emit --type routerd.client.ipv4.observed --subject 10.88.60.9/32 --ttl 30m',
    'signalbox event explain evt-0123456789abcdef',
  );
  for (const add of [
    addApply,
    addDiff,
    addCompact,
    addConfig,
    addResources,
    addRollback,
    addEvent,
    addRun,
    addDynamic,
    addPlugin,
    addSubscription,
    addSync,
    addDead,
    addAudit,
    addProjections,
    addShow,
    addSet,
    addDrain,
    addNode,
    addLb,
    addDataplane,
    addSink,
    addWatch,
    addStatus,
    addDoctor,
    addTop,
    addCheck,
    addBench,
    addSupportBundle,
    addContext,
    addKeys,
    addSecrets,
    addCompletion,
    addExplainKind,
    addToken,
    addWhoami,
    addVersion,
  ])
    add(program, session);
  pointToHelp(program);
}

/** Commander only counts the arguments that are too many; this names them. Reference maglev 11.4 R19. */
function refuseFurtherWords(command: Command): void {
  const { args, registeredArguments } = command;
  if (registeredArguments.at(-1)?.variadic || args.length <= registeredArguments.length) return;
  const words = args.slice(registeredArguments.length).join(' ');
  const before = args[registeredArguments.length - 1] ?? command.name();
  throw usageFailure(`unknown word "${words}": nothing comes after "${before}"`, `${pathTo(command)} --help`);
}

function pathTo(command: Command): string {
  return command.parent ? `${pathTo(command.parent)} ${command.name()}` : command.name();
}

/** A usage error ends with the help of the very command that was called wrongly. */
function pointToHelp(command: Command, path = command.name()): void {
  command.showHelpAfterError(`next: ${path} --help`);
  for (const below of command.commands) pointToHelp(below, `${path} ${below.name()}`);
}
