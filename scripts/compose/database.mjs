// What the services may do in Postgres: everything in their database, nothing beyond.
import { check } from './checks.mjs';

/** `moment` says when, as the same must hold after a restore. */
export async function checkDatabaseRole(project, moment) {
  await check(`the role of the services is an ordinary one ${moment}`, async () => {
    const answer = await ask(
      project,
      'postgres',
      `select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls
         or exists (select from pg_auth_members where member = oid) from pg_roles where rolname = 'signalbox'`,
    );
    if (answer !== 'f') throw new Error(`it has rights beyond its database: ${answer || 'no such role'}`);
  });
  await check(`it cannot start a program ${moment}`, async () => {
    const said = await refusal(ask(project, 'signalbox', `copy (select 1) to program 'true'`));
    if (!/permission denied to COPY to or from an external program/.test(said)) throw new Error(said);
  });
  await check(`the password of the services is not that of the superuser ${moment}`, async () => {
    const login = (role, file) =>
      project.exec(
        'postgres',
        'sh',
        '-c',
        `PGPASSWORD=$(cat /keys/${file}) psql -XAtq -h postgres -U ${role} -d signalbox -c 'select 1'`,
      );
    await login('signalbox', 'password');
    await login('postgres', 'superuser.password');
    const said = await refusal(login('postgres', 'password'));
    if (!/password authentication failed for user "postgres"/.test(said)) throw new Error(said);
  });
  await check(`the database and all that is in it belong to that role ${moment}`, async () => {
    const owners = await ask(
      project,
      'postgres',
      `select distinct pg_get_userbyid(owner) from (
         select relowner as owner from pg_class where relnamespace = 'public'::regnamespace
         union all select datdba from pg_database where datname = 'signalbox') as owned`,
    );
    if (owners !== 'signalbox') throw new Error(`owners: ${owners}`);
  });
}

/** Asks inside the container, where no password is needed. */
async function ask(project, role, statement) {
  const answer = await project.exec(
    'postgres',
    'psql',
    ...['-XAtq', '-U', role, '-d', 'signalbox', '-c', statement],
  );
  return answer.trim();
}

async function refusal(attempt) {
  return attempt.then(
    (answer) => `it was let through: ${answer}`,
    ({ message }) => message,
  );
}
