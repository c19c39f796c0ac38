import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Bus } from '@signalbox/bus';
import { CodedError } from '@signalbox/contracts';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { OptionalBody } from '../http/optional-body.js';
import { ValidBody } from '../http/valid-body.js';
import { ValidQuery } from '../http/valid-query.js';
import { SiteIdentity } from '../start/site-identity.js';
import {
  AuditEntryDto,
  AuditHeadDto,
  AuditQuery,
  JournalReportDto,
  RefusedDto,
  VerifyBody,
} from './audit.dto.js';
import { AuditKeys } from './audit-keys.js';
import { AuditReader } from './audit.reader.js';
import { RefusedReader } from './refused.reader.js';
import { NO_SEAL } from './seal-chain.js';
import { Sealer } from './sealer.js';
import { verifyJournal } from './verify-journal.js';

/** How long a check may take. Milliseconds. */
const VERIFY_MS = 600_000;

@ApiNoun('audit')
@Controller('v1/audit')
export class AuditController {
  constructor(
    private readonly bus: Bus,
    private readonly keys: AuditKeys,
    private readonly sealer: Sealer,
    private readonly entries: AuditReader,
    private readonly refusals: RefusedReader,
    private readonly identity: SiteIdentity,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Who changed what, from where and why, newest first' })
  @ApiPage(AuditEntryDto)
  list(@ValidQuery() query: AuditQuery): Promise<Page<AuditEntryDto>> {
    return this.entries.list(query);
  }

  @Get('head')
  @ApiOperation({
    summary: 'The head of the seals, to be kept elsewhere',
    description: 'It stands for everything that JOURNAL held when it was made.',
  })
  @ApiOkResponse({ type: AuditHeadDto })
  async head(): Promise<AuditHeadDto> {
    const { number, to, head, at = '', key = '' } = (await this.sealer.sealed()) ?? { ...NO_SEAL };
    return { siteId: this.identity.siteId, number, at, to, head, key };
  }

  @Post('verify')
  @HttpCode(200)
  @OptionalBody(VerifyBody)
  @ApiOperation({
    summary: 'Compare JOURNAL with its seals, and with a head that was kept elsewhere',
    description: 'Names what was edited, what is missing and where the end is cut off.',
  })
  @ApiOkResponse({ type: JournalReportDto })
  async verify(@ValidBody() { head }: VerifyBody): Promise<JournalReportDto> {
    const { siteId } = this.identity;
    if (head && head.siteId !== siteId)
      throw new CodedError(
        'validation-failed',
        `the head is of the site ${head.siteId}, and this is ${siteId}`,
        [{ pointer: '/head/siteId', message: `must be ${siteId}` }],
      );
    const report = await verifyJournal(this.bus, this.keys.all, head, AbortSignal.timeout(VERIFY_MS));
    return { ...report, findings: [...report.findings] };
  }

  @Get('refused')
  @ApiOperation({ summary: 'What was refused in the last 24 hours, by minute, caller and reason' })
  @ApiOkResponse({ type: RefusedDto })
  async refused(): Promise<RefusedDto> {
    return { items: await this.refusals.list() };
  }
}
