import type { StreamMessage } from '@signalbox/bus';
import { decodeDeadLetter, STREAMS } from '@signalbox/contracts';
import { jsonRows, lastPerKey } from '../json-rows.js';
import type { Projection } from '../projection.js';
import type { DeadLetterRow } from './dead-letter.entity.js';

/**
 * `dead_letters` = fold of `DEAD`. A record that cannot be read is told by everybody who passes over it, at a rebuild again: the
 * last letter about it counts, so that a fold of what is left of the stream makes the same rows.
 */
export const deadLettersProjection: Projection = {
  name: 'dead_letters',
  owner: 'api',
  stream: STREAMS.dead,
  tables: [{ name: 'dead_letters', key: ['seq'], record: 'seq' }],
  apply: (batch, tx) => {
    const rows = lastPerKey(batch.map(rowOf), (row) => (isAboutRecord(row) ? recordKey(row) : `${row.seq}`));
    const told = rows.filter(isAboutRecord).map(({ body: _body, ...row }) => row);
    if (told.length > 0)
      tx.write(
        `delete from dead_letters d
          using jsonb_to_recordset($1::jsonb) as r(seq bigint, code text, subject text, at text, about text)
          where (d.code, d.subject, d.at, d.about) = (r.code, r.subject, r.at, r.about) and d.seq < r.seq`,
        [jsonRows(told)],
      );
    tx.write(
      `insert into dead_letters select r.* from jsonb_to_recordset($1::jsonb) as r(
         seq bigint, service text, code text, message text, subject text, at text, about text, body text)
       on conflict do nothing`,
      [jsonRows(rows)],
    );
  },
};

function rowOf({ seq, data }: StreamMessage): DeadLetterRow {
  const letter = decodeDeadLetter(data);
  return {
    seq,
    service: letter.service,
    code: letter.error.code,
    message: letter.error.message,
    subject: letter.subject,
    at: letter.at,
    about: JSON.stringify(letter.about ?? {}),
    body: JSON.stringify(letter),
  };
}

/** Whether it tells of a record that cannot be read, and of which: `buryUnreadable`. */
function isAboutRecord({ code, about }: DeadLetterRow): boolean {
  return code === 'poison-message' && about !== '{}';
}

function recordKey({ code, subject, at, about }: DeadLetterRow): string {
  return JSON.stringify([code, subject, at, about]);
}
