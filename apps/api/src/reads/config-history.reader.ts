import { Injectable } from '@nestjs/common';
import {
  CodedError,
  type ConfigMoment,
  readMoment,
  type Resource,
  withoutProvenance,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import {
  configAt,
  generationAt,
  generationRange,
  type KeptGeneration,
  type VersionPair,
  versionsBetween,
} from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { decodeCursor, pageOf } from '../domain/cursor.js';
import { effectiveText } from '../domain/effective-text.js';
import { diffFields } from '../domain/field-diff.js';
import type { ChangesQuery, ConfigChangeDto, ConfigChangesDto, MomentDto } from './config-history.dto.js';

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
