import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canReach, unprivilegedAccount, type Account } from './account.js';
import { openPlace, openPlacePath } from './open-place.js';
import { shortHash } from './short-hash.js';

/** Where a Postgres keeps its files, and whose they are. */
export interface PostgresHome {
  readonly dir: string;
  /** Undefined: our own. */
  readonly account?: Account | undefined;
}

/**
 * `<stateDir>/pg`; for root, who has to run Postgres as another user who may not get there (a stateDir below a home of
 * mode 0700), `/var/tmp/signalbox-<id>/pg`. Data that is already in one of them decides. The id is kept in stateDir, so
 * that a stateDir that was removed and made again starts empty.
 *
 * @throws Error when there is data in stateDir that its user can no longer get at
 */
export async function choosePostgresHome(
  stateDir: string,
  log: (line: string) => void,
): Promise<PostgresHome> {
  const near = join(stateDir, 'pg');
  if (process.getuid?.() !== 0) return made({ dir: near });

  const place = farPlace(stateDir);
  const far = join(openPlacePath(place), 'pg');
  const used = [near, far].find((dir) => existsSync(dataDirOf(dir)));
  const account = (used === undefined ? undefined : ownerOf(dataDirOf(used))) ?? unprivilegedAccount();

  if (used !== far) {
    const isNew = !existsSync(near);
    const home = made({ dir: near, account });
    if (await canReach(account, near)) return home;
    if (used)
      throw new Error(`the user of Postgres (uid ${account.uid}) cannot enter ${near}, which has the data`);
    if (isNew) rmdirSync(near);
  }
  openPlace(place);
  writeFileSync(join(stateDir, PLACE_FILE), place);
  log(`Postgres may not run as root and its user cannot enter ${stateDir}: its data is in ${far}`);
  return made({ dir: far, account });
}

/** Holds the id of the place in /var/tmp, once there is one. */
const PLACE_FILE = 'pg.place';

function farPlace(stateDir: string): string {
  const file = join(stateDir, PLACE_FILE);
  return existsSync(file) ? readFileSync(file, 'utf8') : shortHash(randomUUID());
}

/** The directory that Postgres itself is given. It exists only when initdb has finished. */
export function dataDirOf(home: string): string {
  return join(home, 'data');
}

/** Data of an earlier run stays with its user, whatever accounts came or went since. */
function ownerOf(dataDir: string): Account | undefined {
  const { uid, gid } = statSync(dataDir);
  return uid === 0 ? undefined : { uid, gid };
}

function made(home: PostgresHome): PostgresHome {
  mkdirSync(home.dir, { recursive: true, mode: 0o700 });
  if (home.account) chownSync(home.dir, home.account.uid, home.account.gid);
  return home;
}
