import { decodeWeightOverride, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { parameters } from '../json-rows.js';
import type { Projection } from '../projection.js';

/** `weight_overrides` = fold of `journal.frontend.>`: the weights that operators set and did not clear. */
export const weightOverridesProjection: Projection = {
  name: 'weight-overrides',
  owner: 'balancer',
  stream: STREAMS.journal,
  filter: SUBJECTS.allFrontendJournal,
  tables: [{ name: 'weight_overrides', key: ['frontend', 'pool', 'backend'] }],
  apply: (batch, tx) => {
    for (const { data, seq } of batch) {
      const override = decodeWeightOverride(data);
      const key = parameters(override.frontend, override.pool, override.backend);
      if (override.type === 'cleared')
        tx.write('delete from weight_overrides where frontend = $1 and pool = $2 and backend = $3', key);
      else
        tx.write(
          `insert into weight_overrides values ($1, $2, $3, $4, $5)
           on conflict (frontend, pool, backend) do update set seq = excluded.seq, body = excluded.body`,
          [...key, seq, JSON.stringify(override)],
        );
    }
  },
};
