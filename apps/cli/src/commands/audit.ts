import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { pathOf } from '../rest-client.js';
import type { AuditEntryItem, AuditHeadItem, JournalReportItem, Page, RefusedItem } from '../rest/answers.js';
import type { Session } from '../session.js';
import {
  type ListFlags,
  NEWEST,
  type OutputFlags,
  type ProjectFlags,
  withExamples,
  withOutput,
  withPaging,
} from './options.js';

/** Entries of one page of an export. */
const EXPORTED = 1000;

interface AuditListFlags extends ListFlags, ProjectFlags {
  readonly author?: string;
  readonly subject?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly since?: string;
  readonly until?: string;
  readonly changes?: boolean;
}

export function addAudit(program: Command, session: Session): void {
  const audit = program
    .command('audit')
    .description('who changed what, and whether the records of it are as they were');
  withExamples(audit, 'signalbox audit list', 'signalbox audit verify --head head.json');
  addList(audit, session);
  addVerify(audit, session);
  addExport(audit, session);
  addRefused(audit, session);
}

function addList(audit: Command, session: Session): void {
  const command = audit
    .command('list')
    .description('who changed what, from where and why, newest first')
    .option('--author <name>', 'only by this person or program')
    .option('--subject <subject>', 'only by this subject, such as token:tok-…')
    .option('--kind <kind>', 'only of this kind')
    .option('--name <name>', 'only of what is called so')
    .option('--project <name>', 'only in this project')
    .option('--since <time>', 'not before this time (RFC 3339, UTC)')
    .option('--until <time>', 'before this time')
    .option('--changes', 'with what is other than before, for -o json and -o yaml');
  withExamples(
    withPaging(command, NEWEST),
    'signalbox audit list --author ann',
    'signalbox audit list --kind Backend --name nginx1 --changes -o yaml',
  ).action(async ({ output, project, ...query }: AuditListFlags) => {
    const page = await session.client.call<Page<AuditEntryItem>>(pathOf('audit'), {
      query: { ...query, inProject: project, changes: query.changes ? 'true' : undefined },
      has: ['items'],
    });
    const { AUDIT_COLUMNS } = await import('../views/audit.view.js');
    await session.printPage(page, AUDIT_COLUMNS, output);
  });
}

function addVerify(audit: Command, session: Session): void {
  const command = audit
    .command('verify')
    .description('compare the journal with its seals; exit 1 when anything is not as it was')
    .option('--head <file>', 'also with a head that was exported');
  withExamples(
    withOutput(command),
    'signalbox audit verify',
    'signalbox audit verify --head head.json',
  ).action(async ({ head: file, output }: OutputFlags & { readonly head?: string }) => {
    const head = file === undefined ? undefined : (JSON.parse(await readFile(file, 'utf8')) as unknown);
    const report = await session.client.call<JournalReportItem>(pathOf('audit', 'verify'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ head }),
      has: ['isWhole', 'findings'],
    });
    const { reportText } = await import('../views/audit.view.js');
    await session.printOne(report, output, reportText);
    if (!report.isWhole) session.exitCode = EXIT.failure;
  });
}

function addExport(audit: Command, session: Session): void {
  const command = audit
    .command('export')
    .description(
      'the head of the seals as JSON, to be kept elsewhere; with --entries all changes, a JSON line for each',
    )
    .option('--entries', 'all changes, newest first, with what is other than before');
  withExamples(
    command,
    'signalbox audit export > head.json',
    'signalbox audit export --entries > audit.ndjson',
  ).action(async ({ entries }: { readonly entries?: boolean }) => {
    if (!entries) {
      const head = await session.client.call<AuditHeadItem>(pathOf('audit', 'head'), { has: ['head'] });
      session.print(`${JSON.stringify(head, null, 2)}\n`);
      return;
    }
    for (let after: string | undefined; ;) {
      const page: Page<AuditEntryItem> = await session.client.call(pathOf('audit'), {
        query: { limit: EXPORTED, changes: 'true', after },
        has: ['items'],
      });
      for (const entry of page.items) session.print(`${JSON.stringify(entry)}\n`);
      if (!page.next) return;
      after = page.next;
    }
  });
}

function addRefused(audit: Command, session: Session): void {
  const command = audit
    .command('refused')
    .description('what was refused in the last 24 hours, by minute, caller and reason');
  withExamples(withOutput(command), 'signalbox audit refused').action(async ({ output }: OutputFlags) => {
    const page = await session.client.call<Page<RefusedItem>>(pathOf('audit', 'refused'), { has: ['items'] });
    const { REFUSED_COLUMNS } = await import('../views/audit.view.js');
    await session.printPage(page, REFUSED_COLUMNS, output);
  });
}
