import { decodeTokenRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { parameters } from '../json-rows.js';
import type { Projection } from '../projection.js';

/** `tokens` = fold of `journal.token`; holds hashes only. */
export const tokensProjection: Projection = {
  name: 'tokens',
  owner: 'api',
  stream: STREAMS.journal,
  filter: SUBJECTS.token,
  tables: [{ name: 'tokens', key: ['id'] }],
  apply: (batch, tx) => {
    for (const { data } of batch) {
      const record = decodeTokenRecord(data);
      if (record.type === 'revoked') {
        tx.write('update tokens set revoked_at = $2 where id = $1', parameters(record.id, record.at));
      } else {
        const { id, name, hash, role, at } = record;
        tx.write(
          'insert into tokens values ($1, $2, $3, $4, $5) on conflict do nothing',
          parameters(id, name, hash, role, at),
        );
      }
    }
  },
};
