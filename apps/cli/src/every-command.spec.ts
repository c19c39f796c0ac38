import { Command } from 'commander';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { displayWidth } from './output/cell.js';
import { build } from './program.js';
import { Session } from './session.js';
import { answerSchema, faultsOf, listsIn, sampleOf } from './testing/openapi-answers.fixture.js';
import { runCommand, stubTerminal } from './testing/run-command.fixture.js';
import { StubSite } from './testing/stub-site.fixture.js';

const MANIFEST = JSON.stringify({
  apiVersion: 'federation.routerd.net/v1alpha1',
  kind: 'EventGroup',
  metadata: { name: 'cloudedge' },
  spec: { nodeName: 'onprem' },
});

/** What commands need besides one word for each of their arguments. */
const GIVEN: Readonly<Record<string, string>> = {
  apply: '-f group.json',
  diff: '-f group.json',
  rollback: '7',
  history: '',
  'config reload': 'group.json',
  'event emit': '--type door.opened --id evt-1',
  'dynamic explain': 'EventGroup/cloudedge',
  'lb add': 'shop 192.0.2.1:80 --backend 10.0.0.1:80',
  'subscription test': 'a --event facts.json',
  'set backend': 'nginx1 pause',
  'explain-kind': 'EventGroup',
  'dynamic diff': '',
};

/** Commands of programs of this machine, that print lines as they come, or look for what they named; specs of their own try them. */
const ELSEWHERE = [
  'plugin conformance',
  'set frontend',
  'plugin run',
  'dataplane check',
  'projections verify',
  'projections rebuild',
  'dynamic render',
  'bench',
];

/** The first commands load what all need, on a machine that may be busy. */
const PATIENCE_MS = 60_000;

interface Leaf {
  readonly path: string;
  readonly line: string;
  readonly formats: readonly string[];
}

/** Every command that takes `-o`, with what it needs. */
function leaves(command: Command, path: readonly string[] = []): readonly Leaf[] {
  if (command.commands.length > 0)
    return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
  const output = command.options.find(({ long }) => long === '--output');
  const name = path.join(' ');
  if (!output || ELSEWHERE.includes(name)) return [];
  const words = command.registeredArguments.filter(({ required }) => required).map(() => 'a');
  return [
    {
      path: name,
      line: `${name} ${GIVEN[name] ?? words.join(' ')}`.trim(),
      formats: output.argChoices ?? [],
    },
  ];
}

const program = new Command('signalbox');
build(program, new Session(stubTerminal(), program));
const COMMANDS = leaves(program).map((leaf): [string, Leaf] => [leaf.path, leaf]);

describe('every command that prints something', () => {
  let site: StubSite;
  let cwd: string;
  beforeAll(async () => {
    site = await StubSite.start();
    cwd = mkdtempSync(join(tmpdir(), 'signalbox-walk-'));
    writeFileSync(join(cwd, 'group.json'), MANIFEST);
    writeFileSync(join(cwd, 'facts.json'), '{"type":"door.opened"}');
  });
  afterAll(async () => {
    await site.stop();
    rmSync(cwd, { recursive: true });
  });
  beforeEach(() => {
    site.forget();
    site.otherwise(({ method, url }) => {
      const schema = answerSchema(method, url.split('?')[0]!);
      return schema && { body: sampleOf(schema) };
    });
  });

  const run = (line: string, given: Parameters<typeof runCommand>[1] = {}) =>
    runCommand(line.split(' '), {
      cwd,
      env: { SIGNALBOX_URL: site.url, SIGNALBOX_TOKEN: 'sbx_t' },
      ...given,
    });

  it.each(COMMANDS)(
    '%s -o json is what the OpenAPI document says',
    async (_path, { line }) => {
      const { out, err } = await run(`${line} -o json`);
      if (out === '') expect(err).toBe('');
      const printed: unknown = JSON.parse(out);
      const schemas = site.requests.flatMap(
        ({ method, url }) => answerSchema(method, url.split('?')[0]!) ?? [],
      );
      if (schemas.length === 0) return;
      const wanted = Array.isArray(printed) ? schemas.flatMap(listsIn) : schemas;
      const faults = wanted.map((schema) => faultsOf(schema, printed));
      expect(faults.find((some) => some.length === 0) ?? faults).toEqual([]);
    },
    PATIENCE_MS,
  );

  it.each(COMMANDS)(
    '%s fits a terminal of 80 columns',
    async (path, { line, formats }) => {
      for (const format of formats.filter((one) => one === 'table' || one === 'wide')) {
        const { out, err } = await run(`${line} -o ${format}`, { tty: true });
        expect(out === '' ? `${path}: ${err}` : '').toBe('');
        const tooLong = out.split('\n').filter((text) => displayWidth(text.replaceAll(COLOUR, '')) > 80);
        expect(tooLong).toEqual([]);
      }
    },
    PATIENCE_MS,
  );

  it.each(COMMANDS)('%s has no colour in a pipe, nor with NO_COLOR', async (_path, { line, formats }) => {
    if (!formats.includes('table')) return;
    expect((await run(line)).out).not.toMatch(COLOUR);
    const env = { SIGNALBOX_URL: site.url, SIGNALBOX_TOKEN: 'sbx_t', NO_COLOR: '1' };
    expect((await run(line, { tty: true, env })).out).not.toMatch(COLOUR);
  });

  it('every command that changes the site has a dry run, and every list -o name', async () => {
    for (const [path, { line, formats }] of COMMANDS) {
      site.requests.length = 0;
      await run(line);
      const changes = site.requests.some(({ method, url }) => method !== 'GET' && !ASKS.test(url));
      const help = (await run(`${path} --help`)).out;
      if (changes) expect({ path, help }).toEqual({ path, help: expect.stringContaining('--dry-run') });
      if (formats.includes('table'))
        expect({ path, formats }).toMatchObject({ path, formats: expect.arrayContaining(['name']) });
    }
  });
});

/** Changes that only look like one. */
const ASKS = /dryRun=true|\/test$|\/audit\/verify$/;

const COLOUR = new RegExp(String.raw`\u001B\[\d+m`, 'g');
