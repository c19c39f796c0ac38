// What the command line of the bench says.
import { parseArgs } from 'node:util';

/** How JetStream syncs to disk, the server's default first. */
const SYNCS = ['default', 'always'];
const FULL = { seconds: 10, repetitions: 3 };
const QUICK = { seconds: 2, repetitions: 1 };

/** The help, with the parts and what they measure. */
export function usage(parts) {
  const longest = Math.max(...Object.keys(parts).map((name) => name.length));
  const lines = Object.entries(parts).map(([name, { about }]) => `  ${name.padEnd(longest + 2)}${about}`);
  return `Usage: npm run bench -- [options] [part …]

Measures what is built, each figure beside a limit measured in the same run, on sites and servers of its own. The whole
takes about forty minutes. Prints a table and writes bench-results.json; docs/reference/bench.md says what each row is.

Parts, all of them without a name:

${lines.join('\n')}

  --quick        one repetition, short: the whole in about five minutes, for a first look and not for comparing
  --sync WHICH   default (the server's own), always, or both: how JetStream syncs to disk;
                 both unless --quick is given, and then default
  --help         this text

Exit status: 0 after that, 1 when a part could not be measured, 2 for a word it does not know. A goal that is not met
changes nothing. BENCH_SECONDS says how long one repetition of most figures lasts (default ${FULL.seconds}, with --quick ${QUICK.seconds}).
`;
}

/**
 * Reads the arguments. Throws an Error whose message says what is wrong and what is known.
 *
 * @returns {{ help: boolean, wanted: string[], quick: boolean, seconds: number, repetitions: number, syncs: string[] }}
 */
export function readArguments(argv, env, names) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      sync: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`there is no part ${unknown.join(', ')}; the parts are ${names.join(', ')}`);
  const { sync = values.quick ? SYNCS[0] : 'both' } = values;
  if (![...SYNCS, 'both'].includes(sync))
    throw new Error(`--sync is ${sync}: expected ${SYNCS.join(', ')} or both`);
  const depth = values.quick ? QUICK : FULL;
  const seconds = Number(env.BENCH_SECONDS ?? depth.seconds);
  if (!(seconds > 0)) throw new Error(`BENCH_SECONDS is ${env.BENCH_SECONDS}: expected a number of seconds`);
  return {
    help: values.help,
    wanted: positionals.length > 0 ? names.filter((name) => positionals.includes(name)) : names,
    quick: values.quick,
    seconds,
    repetitions: depth.repetitions,
    syncs: sync === 'both' ? SYNCS : [sync],
  };
}
