import { Injectable } from '@nestjs/common';
import { CodedError, type DeadLetter } from '@signalbox/contracts';
import { DeadLetterRow } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import type { DeadLetterDto, DeadLetterItemDto, DeadLettersQuery } from './dead-letters.dto.js';

/** Reads of messages that could not be processed. */
@Injectable()
export class DeadLettersReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first unless asked otherwise. */
  async list({ service, code, sort, limit, after }: DeadLettersQuery): Promise<Page<DeadLetterItemDto>> {
    const [direction, beyond] = sort === 'seq' ? (['ASC', '>'] as const) : (['DESC', '<'] as const);
    const query = this.dataSource
      .getRepository(DeadLetterRow)
      .createQueryBuilder('d')
      .where('true')
      .orderBy('d.seq', direction)
      .limit(limit + 1);
    if (service !== undefined) query.andWhere('d.service = :service', { service });
    if (code !== undefined) query.andWhere('d.code = :code', { code });
    if (after !== undefined) {
      const [seq] = decodeCursor(after, ['number']);
      query.andWhere(`d.seq ${beyond} :seq`, { seq });
    }
    return pageOf(await query.getMany(), limit, letterItem, ({ seq }) => [seq]);
  }

  /** Throws `not-found`. */
  async get(seq: number): Promise<DeadLetterDto> {
    const row = await this.dataSource.getRepository(DeadLetterRow).findOneBy({ seq });
    if (row) return { ...letterItem(row), letter: JSON.parse(row.body) as DeadLetter };
    throw new CodedError(
      'not-found',
      `there is no dead letter ${seq}: GET /v1/dead-letters lists what there is`,
    );
  }
}

function letterItem({ seq, service, code, message, subject, at, about }: DeadLetterRow): DeadLetterItemDto {
  return { seq, service, code, message, subject, at, about: JSON.parse(about) as Record<string, string> };
}
