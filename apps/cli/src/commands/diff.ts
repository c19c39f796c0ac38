import type { Command } from 'commander';
import type { ApplyFlags } from '../apply/apply-files.js';
import { DIFF_EXIT, EXIT } from '../exit-codes.js';
import { Failure, toFailure } from '../failure.js';
import type { Session } from '../session.js';
import { collectPairs, withExamples, withFull, withOutput } from './options.js';

type DiffFlags = Pick<ApplyFlags, 'var' | 'set' | 'project' | 'recursive' | 'full' | 'output'>;

/** `apply --dry-run` whose exit code says whether there is anything to do. */
export function addDiff(program: Command, session: Session): void {
  const command = program
    .command('diff')
    .description(
      'what an apply of files would change, field by field, and what would follow; exit 1 when it would change something',
    )
    .requiredOption('-f, --file <file...>', 'YAML or JSON file, or a directory of them; - reads stdin')
    .option('-R, --recursive', 'also the directories in a directory')
    .option('--var <name=value...>', 'fill ${name} in the files', collectPairs)
    .option('--set <name>', 'the files own this set: what left it is removed')
    .option('--project <name>', 'the files, and the set, are of this project');
  withExamples(
    withOutput(withFull(command)),
    'signalbox diff -f site.yaml',
    'signalbox diff -f manifests/ -R --set edge || signalbox apply -f manifests/ -R --set edge',
  ).action(async ({ file, ...flags }: DiffFlags & { readonly file: readonly string[] }) => {
    const { applyFiles } = await import('../apply/apply-files.js');
    try {
      if (await applyFiles(session, file, { ...flags, dryRun: true })) session.exitCode = DIFF_EXIT.different;
    } catch (error) {
      throw failureOf(error);
    }
  });
}

/** A failure must not look like a difference. */
function failureOf(error: unknown): Failure {
  const failure = toFailure(error);
  if (failure.exitCode !== EXIT.failure) return failure;
  const { code, message, errors, next } = failure;
  return new Failure(code, message, DIFF_EXIT.failure, {
    errors,
    cause: error,
    ...(next !== undefined && { next }),
  });
}
