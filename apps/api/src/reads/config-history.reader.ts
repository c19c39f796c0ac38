import { Injectable } from '@nestjs/common';
import {
  CodedError,
  type ConfigMoment,
  readMoment,
  type Resource,
  STREAMS,
  type SuppressedResource,
  withoutProvenance,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import {
  changesOf,
  configAt,
  generationAt,
  type GenerationChange,
  generationRange,
  GenerationRow,
  type KeptGeneration,
  type VersionPair,
  versionsBetween,
} from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { effectiveText } from '../domain/effective-text.js';
import { diffFields } from '../domain/field-diff.js';
import { endWords, partWords, revisionWords } from '../domain/origin-words.js';
import { suppressedItem } from '../domain/suppressed.js';
import type { PageQuery } from '../http/page.query.js';
import type { ChangesQuery, ConfigChangeDto, ConfigChangesDto, MomentDto } from './config-history.dto.js';
import type { GenerationDto } from './effective-config.dto.js';
import { lastParts, momentKey, originParts, originRevisions, partKey } from './origins.reader.js';

/** Changes that a generation names in a list. */
const NAMED_CHANGES = 5;

/** The effective config as it was, and what became of it in between. ADR 0034. */
@Injectable()
export class ConfigHistoryReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /**
   * The `Router` document of a moment, as JSON. Throws `validation-failed` when the text names no moment, `not-found` when there
   * was no generation yet or is none of the number, and `not-kept` when it is too long ago.
   */
  async at(text: string): Promise<string> {
    const moment = readMoment(text, this.clock.now(), '/at');
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const past = await configAt(tx, moment);
      if (!past) throw await notKnown(tx, moment);
      const { generation, digest, quarantined } = past.generation;
      const held = (JSON.parse(quarantined) as readonly unknown[]).length;
      return effectiveText({ generation, digest, quarantined: held }, past.text);
    });
  }

  /** What is not the same in two moments, field by field; throws as {@link at} does. */
  async changes({ from, to, limit, after }: ChangesQuery): Promise<ConfigChangesDto> {
    const nowMs = this.clock.now();
    const moments = {
      from: readMoment(from, nowMs, '/from'),
      to: to === undefined ? undefined : readMoment(to, nowMs, '/to'),
    };
    const behind =
      after === undefined
        ? undefined
        : decodeCursor(after, ['string', 'string', 'string', 'string']).map(String);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const a = await known(tx, moments.from);
      const b = moments.to ? await known(tx, moments.to) : ((await generationRange(tx))?.newest ?? a);
      const pairs = await versionsBetween(tx, a.generation, b.generation, {
        limit: limit + 1,
        ...(behind && { after: behind }),
      });
      const page = pageOf(pairs, limit, changeOf, ({ apiVersion, kind, project, name }) => [
        apiVersion,
        kind,
        project,
        name,
      ]);
      return {
        ...page,
        from: momentItem(a),
        to: momentItem(b),
        items: page.items.filter((change) => change !== undefined),
      };
    });
  }

  /** Generations, newest first, each with who made it and its first changes. */
  async generations({ limit, after }: PageQuery): Promise<Page<GenerationDto>> {
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const query = tx
        .createQueryBuilder(GenerationRow, 'g')
        .where('g.complete')
        .orderBy('g.generation', 'DESC')
        .limit(limit + 1);
      if (after !== undefined) {
        const [generation] = decodeCursor(after, ['number']);
        query.andWhere('g.generation < :generation::bigint', { generation });
      }
      const rows = await query.getMany();
      const shown = rows.slice(0, limit);
      const changes = await changesOf(
        tx,
        shown.map(({ generation }) => generation),
        NAMED_CHANGES,
      );
      const why = await reasonsOf(tx, shown, changes);
      const itemOf = (row: GenerationRow): GenerationDto => ({
        ...generationItem(row),
        why: why.get(row.generation) ?? '',
        changes: changes
          .filter((change) => change.of === row.generation)
          .slice(0, NAMED_CHANGES)
          .map(({ action, apiVersion, kind, project, name }) => ({
            action,
            apiVersion,
            kind,
            project,
            name,
          })),
      });
      return pageOf(rows, limit, itemOf, ({ generation }) => [generation]);
    });
  }
}

/** Who made each generation, in one sentence: people, a part that came, or what became of a part. */
async function reasonsOf(
  tx: EntityManager,
  rows: readonly GenerationRow[],
  changes: readonly GenerationChange[],
): Promise<ReadonlyMap<number, string>> {
  const at = new Map(rows.map((row) => [row.generation, row.at]));
  const byPeople = rows.filter(({ causeStream }) => causeStream === STREAMS.journal);
  const revisions = await originRevisions(
    tx,
    byPeople.map(({ causeSeq }) => causeSeq),
  );
  const refs = changes.flatMap(({ action, partSource: source, partGeneration: generation }) =>
    action === 'removed' || source === null || generation === null ? [] : { source, generation },
  );
  const parts = await originParts(tx, refs);
  const ended = changes.flatMap(({ action, of, partSource }) =>
    action === 'removed' && partSource !== null ? { source: partSource, at: at.get(of) ?? '' } : [],
  );
  const last = await lastParts(tx, ended);
  return new Map(
    rows.map(({ generation, causeStream, causeSeq }) => {
      const revision = causeStream === STREAMS.journal ? revisions.get(causeSeq) : undefined;
      if (revision) return [generation, revisionWords(revision)];
      const own = changes.filter(({ of }) => of === generation);
      const came = firstOf(own, (change) => {
        const { action, partSource: source, partGeneration } = change;
        if (action === 'removed' || source === null || partGeneration === null) return undefined;
        return parts.get(partKey({ source, generation: partGeneration }));
      });
      if (came) return [generation, partWords(came)];
      const went = firstOf(own, ({ action, partSource: source }) => {
        if (action !== 'removed' || source === null) return undefined;
        return last.get(momentKey({ source, at: at.get(generation) ?? '' }));
      });
      return [generation, went ? endWords(went) : `message ${causeSeq} of ${causeStream}`];
    }),
  );
}

function firstOf<From, To>(items: readonly From[], find: (item: From) => To | undefined): To | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function generationItem({
  causeStream,
  causeSeq,
  quarantined,
  suppressed,
  complete: _complete,
  ...row
}: GenerationRow): Omit<GenerationDto, 'why' | 'changes'> {
  return {
    ...row,
    cause: { stream: causeStream, seq: causeSeq },
    quarantined: JSON.parse(quarantined) as GenerationDto['quarantined'],
    suppressed: (JSON.parse(suppressed) as SuppressedResource[]).map(suppressedItem),
  };
}

/** A generation whose resources are all known. */
async function known(tx: EntityManager, moment: ConfigMoment): Promise<KeptGeneration> {
  const found = await generationAt(tx, moment);
  const range = await generationRange(tx);
  if (found && range && found.generation >= range.oldest.generation) return found;
  throw await notKnown(tx, moment);
}

async function notKnown(tx: EntityManager, moment: ConfigMoment): Promise<CodedError> {
  const range = await generationRange(tx);
  if (!range) return new CodedError('not-found', 'there is no generation of the effective config yet');
  const { oldest, newest } = range;
  if ('generation' in moment && moment.generation > newest.generation)
    return new CodedError(
      'not-found',
      `there is no generation ${moment.generation}: the newest is ${newest.generation} of ${newest.at}`,
    );
  const asked = 'generation' in moment ? `generation ${moment.generation}` : moment.time;
  return new CodedError(
    'not-kept',
    `nothing is kept of ${asked}: ask for generation ${oldest.generation} of ${oldest.at} or a later one`,
  );
}

/** Undefined when the same came back in between. */
function changeOf({ before, after, partSource, revision, ...ref }: VersionPair): ConfigChangeDto | undefined {
  const origin = {
    ...(partSource !== null && { source: partSource }),
    ...(revision !== null && { revision }),
  };
  if (before === null) return { action: 'added', ...ref, ...origin };
  if (after === null) return { action: 'removed', ...ref, ...origin };
  const fields = diffFields(contentOf(before), contentOf(after));
  return fields.length === 0 ? undefined : { action: 'changed', ...ref, ...origin, fields };
}

function contentOf(body: string): Resource {
  return withoutProvenance(JSON.parse(body) as Resource);
}

function momentItem({ generation, at, digest }: KeptGeneration): MomentDto {
  return { generation, at, digest };
}
