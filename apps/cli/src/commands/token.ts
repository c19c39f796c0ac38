import { type Command, Option } from 'commander';
import type { CallerItem, NewTokenItem, Page, TokenItem } from '../rest/answers.js';
import { pathOf } from '../rest-client.js';
import type { Session } from '../session.js';
import { type OutputFlags, withExamples, withOutput, withPaging, withPlainDryRun } from './options.js';

interface CreateFlags extends OutputFlags {
  readonly role: string;
  readonly org?: string[];
  readonly forProject?: string[];
  readonly emits?: string[];
  readonly expires?: string;
}

/** As `ROLES` of contracts, which no other command shall have to load for it. */
export const TOKEN_ROLES = ['viewer', 'operator', 'author', 'admin'] as const;

const JSON_BODY = { 'content-type': 'application/json' } as const;

export function addToken(program: Command, session: Session): void {
  const token = program.command('token').description('tokens of the site: who may do what');
  withExamples(token, 'signalbox token create ann --role operator', 'signalbox token list');
  addCreate(token, session);
  addList(token, session);
  addRotate(token, session);
  addRevoke(token, session);
}

/** Who the site takes the caller for. */
export function addWhoami(program: Command, session: Session): void {
  const command = program.command('whoami').description('who the site takes you for, and what you may do');
  withExamples(withOutput(command), 'signalbox whoami').action(async ({ output }: OutputFlags) => {
    const caller = await session.client.call<CallerItem>(pathOf('whoami'), { has: ['subject', 'role'] });
    const { callerText } = await import('../views/token.view.js');
    await session.printOne(caller, output, callerText);
  });
}

function addCreate(token: Command, session: Session): void {
  const command = token
    .command('create')
    .description('make a token; it is printed this once')
    .argument('<name>', 'who or what it is for: the author of its changes')
    .addOption(new Option('--role <role>', 'what it may do').choices(TOKEN_ROLES).default('viewer'))
    .option('--org <name...>', 'only the projects of these orgs')
    .option('--for-project <name...>', 'only these projects')
    .option('--emits <group...>', 'for a program: emit facts to these groups, and nothing else')
    .option('--expires <time>', 'when it ends (RFC 3339); without: when it is revoked');
  withExamples(
    withPlainDryRun(withOutput(command)),
    'signalbox token create ann --role operator',
    'signalbox token create ci --role author --for-project lab --expires 2027-01-31T00:00:00Z',
    'signalbox token create dhcp --emits default -o json',
  ).action(async (name: string, { role, org, forProject, emits, expires, output }: CreateFlags) => {
    const made = await session.client.call<NewTokenItem>(pathOf('tokens'), {
      method: 'POST',
      headers: JSON_BODY,
      body: JSON.stringify({ name, role, orgs: org, projects: forProject, emits, expiresAt: expires }),
      has: ['id', 'token'],
    });
    await printNew(session, made, output);
  });
}

function addList(token: Command, session: Session): void {
  const command = token.command('list').description('tokens, never in clear');
  withExamples(withPaging(command), 'signalbox token list').action(
    async ({ output, limit, after }: OutputFlags & { limit?: number; after?: string }) => {
      const page = await session.client.call<Page<TokenItem>>(pathOf('tokens'), {
        query: { limit: limit?.toString(), after },
        has: ['items'],
      });
      const { TOKEN_COLUMNS } = await import('../views/token.view.js');
      await session.printPage(page, TOKEN_COLUMNS, output);
    },
  );
}

function addRotate(token: Command, session: Session): void {
  const command = token
    .command('rotate')
    .description('put a new token in place of one, which ends; it is printed this once')
    .argument('<id>', 'id of the token, as token list has it');
  withExamples(withPlainDryRun(withOutput(command)), 'signalbox token rotate tok-0123456789ab').action(
    async (id: string, { output }: OutputFlags) => {
      const made = await session.client.call<NewTokenItem>(pathOf('tokens', id, 'rotate'), {
        method: 'POST',
        ifMissing: 'signalbox token list',
        has: ['id', 'token'],
      });
      await printNew(session, made, output);
    },
  );
}

function addRevoke(token: Command, session: Session): void {
  const command = token
    .command('revoke')
    .description('end a token at once')
    .argument('<id>', 'id of the token, as token list has it');
  withExamples(withPlainDryRun(command), 'signalbox token revoke tok-0123456789ab').action(
    async (id: string) => {
      await session.client.call(pathOf('tokens', id), {
        method: 'DELETE',
        ifMissing: 'signalbox token list',
      });
      session.print(`token ${id} is revoked\n`);
    },
  );
}

async function printNew(session: Session, made: NewTokenItem, output: OutputFlags['output']): Promise<void> {
  const { newTokenText } = await import('../views/token.view.js');
  await session.printOne(made, output, newTokenText);
}
