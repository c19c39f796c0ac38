import { expect, test } from '@jest/globals';
import { CodedError } from '@signalbox/contracts';
import { decodeOutput } from './decode-output.js';
import { strayLine } from './stray-line.js';

const RESULT = '{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","status":{"ttl":"1m"}}';
const INDENTED = JSON.stringify(JSON.parse(RESULT), null, 2);
const YAML = 'apiVersion: plugin.routerd.net/v1alpha1\nkind: PluginResult\nstatus: {ttl: 1m}\n';

function message(stdout: string): string {
  try {
    decodeOutput(stdout);
  } catch (error) {
    if (error instanceof CodedError) return error.message;
    throw error;
  }
  throw new Error('it was decoded');
}

test.each([
  ['before JSON', `starting up\n${RESULT}\n`, '"starting up" before the result'],
  ['after JSON', `${RESULT}\ndone: 3 claims\n`, '"done: 3 claims" after the result'],
  ['on the last line of JSON', `${INDENTED} done\n`, '"done" after the result'],
  ['before indented JSON', `\n[info] up\n[info] still\n${INDENTED}\n`, '"[info] up" before the result'],
  [
    'as JSON',
    `{"level":"info","msg":"}"}\n${RESULT}\n`,
    '"{\\"level\\":\\"info\\",\\"msg\\":\\"}\\"}" before the',
  ],
  ['before YAML', `starting: up: now\n${YAML}`, '"starting: up: now" before the result'],
  ['and nothing else', 'quota is 3\n', '"quota is 3" and no PluginResult'],
])('X19 a log line %s is quoted, and told where it belongs', (_, stdout, told) => {
  expect(message(stdout)).toContain(told);
  expect(message(stdout)).toContain('logs belong on stderr');
});

test.each([['{'], [`{ broken\n${RESULT}`], ['a: [1'], [RESULT]])(
  'where no line can be told, none is: %s',
  (stdout) => {
    expect(strayLine(stdout)).toBeUndefined();
  },
);

test('millions of brackets cost one pass', () => {
  expect(strayLine('{\n'.repeat(1_000_000))).toBeUndefined();
  expect(strayLine('{}\n'.repeat(300_000))).toBeUndefined();
});
