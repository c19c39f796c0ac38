import { describe, expect, it } from '@jest/globals';
import { unprivilegedAccount } from './account.js';

const ROOT = 'root:x:0:0:root:/root:/bin/sh';
const NOBODY = 'nobody:x:65534:65533:nobody:/:/bin/false';

describe('unprivilegedAccount', () => {
  it('is postgres where the system has that user', () => {
    const passwd = [ROOT, NOBODY, 'postgres:x:101:104:PostgreSQL:/var/lib:/bin/sh', ''].join('\n');
    expect(unprivilegedAccount(passwd)).toEqual({ uid: 101, gid: 104 });
  });

  it('is nobody elsewhere', () => {
    expect(unprivilegedAccount(`${ROOT}\n${NOBODY}\n`)).toEqual({ uid: 65534, gid: 65533 });
  });

  it('says so when there is neither', () => {
    expect(() => unprivilegedAccount(ROOT)).toThrow('neither a user postgres nor nobody');
  });
});
