import { decodeDeadLetter, STREAMS } from '@signalbox/contracts';
import { jsonRows } from '../json-rows.js';
import type { Projection } from '../projection.js';

/** `dead_letters` = fold of `DEAD`. */
export const deadLettersProjection: Projection = {
  name: 'dead_letters',
  owner: 'api',
  stream: STREAMS.dead,
  tables: [{ name: 'dead_letters', key: ['seq'], record: 'seq' }],
  apply: (batch, tx) => {
    const rows = batch.map(({ seq, data }) => {
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
    });
    tx.write(
      `insert into dead_letters select r.* from jsonb_to_recordset($1::jsonb) as r(
         seq bigint, service text, code text, message text, subject text, at text, about text, body text)
       on conflict do nothing`,
      [jsonRows(rows)],
    );
  },
};
