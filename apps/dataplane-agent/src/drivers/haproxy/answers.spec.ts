import { describe, expect, it } from '@jest/globals';
import { hasLearnt, processTable, serverRows, sessionIds, statRows, workerInfo } from './answers.js';

const MASTER = `#<PID>          <type>          <reloads>       <uptime>        <version>
8669            master          4 [failed: 1]   0d00h01m29s     2.6.12-1+deb12u3
# workers
10278           worker          0               0d00h00m00s     2.6.12-1+deb12u3
# old workers
9889            worker          1               0d00h00m29s     2.6.12-1+deb12u3
9627            worker          2               0d00h01m02s     2.6.12-1+deb12u3
# programs

`;

describe('answers of HAProxy', () => {
  it('show proc: master, worker and old workers', () => {
    expect(processTable(MASTER)).toEqual({
      master: 8669,
      reloads: 4,
      hasFailed: true,
      worker: 10278,
      oldWorkers: [9889, 9627],
    });
    expect(processTable('Unknown command')).toBeUndefined();
  });

  it('show info: who serves', () => {
    const answer = 'Name: HAProxy\nPid: 12\nStopping: 1\ndescription: signalbox:ab12\n\n';
    expect(workerInfo(answer)).toEqual({ pid: 12, description: 'signalbox:ab12', isStopping: true });
    expect(workerInfo('')).toBeUndefined();
  });

  it('show servers state: maintenance by the file alone is none, columns are found by name', () => {
    const answer = `Pid: 12

1
# be_id be_name srv_id srv_name srv_admin_state srv_addr srv_uweight srv_port
2 web 11 10.0.0.1:80 0 10.0.0.1 50 80
2 web 12 ::1:80 5 ::1 0 80
2 web 13 10.0.0.3:80 4 10.0.0.3 7 80
2 web 14 10.0.0.4:80 8 10.0.0.4 7 80

`;
    expect(serverRows(answer).map(({ isMaintained, isDrained }) => [isMaintained, isDrained])).toEqual([
      [false, false],
      [true, false],
      [false, false],
      [false, true],
    ]);
    expect(serverRows(answer)[1]).toMatchObject({ proxy: 'web', server: '::1:80', address: '::1', port: 80 });
    expect(serverRows('')).toEqual([]);
  });

  it('show stat: cells by name', () => {
    const rows = statRows('Pid: 12\n\n# pxname,svname,scur,\nweb,FRONTEND,3,\nweb,10.0.0.1:80,,\n\n');
    expect(rows.map((cell) => [cell('svname'), cell('scur'), cell('nothing')])).toEqual([
      ['FRONTEND', '3', ''],
      ['10.0.0.1:80', '', ''],
    ]);
  });

  it('show sess: those of one server of one section', () => {
    const answer = `0x55b: proto=tcpv4 src=127.0.0.1:1 fe=web be=web srv=10.0.0.1:80 ts=00
0x55c: proto=tcpv4 src=127.0.0.1:2 fe=web be=web srv=10.0.0.1:8080 ts=00
0x55d: proto=tcpv4 src=127.0.0.1:3 fe=mail be=mail srv=10.0.0.1:80 ts=00
`;
    expect(sessionIds(answer, 'web', '10.0.0.1:80')).toEqual(['0x55b']);
  });

  it('show peers: whether the process before has told all', () => {
    const group = (flags: string) =>
      `0x56: [29/Nov/2026:21:09:35] id=signalbox disabled=0 flags=${flags} task_calls=3\n`;
    expect(hasLearnt(group('0x1103'))).toBe(true);
    expect(hasLearnt(group('0x33'))).toBe(true);
    expect(hasLearnt(group('0x11'))).toBe(false);
    expect(hasLearnt(group('0x0'))).toBe(false);
    expect(hasLearnt('')).toBe(true);
  });
});
