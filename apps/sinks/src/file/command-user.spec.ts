import { describe, expect, it } from '@jest/globals';
import { CodedError } from '@signalbox/contracts';
import { chooseCommandUser } from './command-user.js';

const PASSWD = 'root:x:0:0::/root:/bin/sh\nhaproxy:x:990:991::/:/bin/false\nbroken:x:y:1::/:\n';
const ROOT = { ourUid: 0, passwd: PASSWD };

function refusalOf(wanted: string, world = ROOT): CodedError {
  try {
    chooseCommandUser(wanted, world);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the user of commands', () => {
  it('is a name with its own group, or numbers, as root', () => {
    const numbers = (wanted: string): number[] => {
      const { uid, gid } = chooseCommandUser(wanted, ROOT)!;
      return [uid, gid];
    };
    expect([numbers('haproxy'), numbers('990:5'), numbers('990'), numbers('4000')]).toEqual([
      [990, 991],
      [990, 5],
      [990, 990],
      [4000, 4000],
    ]);
  });

  it('is ourselves when nobody is named, or when that is who is named', () => {
    for (const wanted of [undefined, 'root', '0']) expect(chooseCommandUser(wanted, ROOT)).toBeUndefined();
    expect(chooseCommandUser('haproxy', { ourUid: 990, passwd: PASSWD })).toBeUndefined();
  });

  it('has to be there', () => {
    for (const wanted of ['nginx', 'broken']) {
      const { code, message } = refusalOf(wanted);
      expect([code, message]).toEqual([
        'sink-program',
        `SIGNALBOX_SINK_COMMAND_USER: there is no user ${wanted} in /etc/passwd: create it, or write its numbers as uid:gid`,
      ]);
    }
    expect(refusalOf('haproxy', { ourUid: 0, passwd: '' }).code).toBe('sink-program');
  });

  it('can be another one for root only', () => {
    for (const wanted of ['haproxy', '0', '990:991'])
      expect(refusalOf(wanted, { ourUid: 1000, passwd: PASSWD })).toMatchObject({
        code: 'sink-program',
        message: expect.stringContaining(`only root can start programs as ${wanted}, and sinks runs as 1000`),
      });
  });
});
