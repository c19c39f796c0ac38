// A bare read: one page of facts by their primary key, answered as JSON by Fastify.
import fastify from 'fastify';
import pg from 'pg';
import { runStage } from './stage.mjs';

const PAGE = `
  select group_name, id, seq, origin, type, subject, dedupe_key, payload, observed_at, expires_at, version
    from facts where group_name = $1 and id > $2 order by id limit 100`;

await runStage(async ({ settings }) => {
  const pool = new pg.Pool({ connectionString: settings.databaseUrl });
  pool.on('error', () => undefined);
  const app = fastify();
  app.get('/page', async () => {
    const { rows } = await pool.query({ name: 'page', text: PAGE, values: ['default', ''] });
    return { items: rows };
  });
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }) };
});
