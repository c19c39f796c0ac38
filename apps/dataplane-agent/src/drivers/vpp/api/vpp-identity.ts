import type { Deadline } from '../../driver.js';
import type { Fields } from './field-value.js';
import type { VppConnection } from './vpp-connection.js';

/** Which VPP it is. */
export interface VppIdentity {
  readonly version: string;
  readonly buildDate: string;
  readonly buildDirectory: string;
  readonly pid: number;
  /**
   * When it started, in milliseconds since the epoch, as `show clock` has it; a second more or less. Absent: this VPP does not tell.
   * Another value than before is another run, whose tables are empty.
   */
  readonly bootedAtMs?: number;
}

/** `show clock` of VPP begins with the seconds since it started. */
const SECONDS_UP = /Time now ([\d.]+)/;

/** Asks VPP who it is, with three questions that change nothing. Rejects as the calls of the connection. */
export async function readVppIdentity(connection: VppConnection, deadline: Deadline): Promise<VppIdentity> {
  const [version, ping, clock] = await Promise.all([
    connection.call('show_version', {}, deadline),
    connection.call('control_ping', {}, deadline),
    connection.call('cli_inband', { cmd: 'show clock' }, deadline),
  ]);
  const up = SECONDS_UP.exec(text(clock.fields, 'reply'))?.[1];
  return {
    version: text(version.fields, 'version'),
    buildDate: text(version.fields, 'build_date'),
    buildDirectory: text(version.fields, 'build_directory'),
    pid: Number(ping.fields['vpe_pid']),
    ...(up !== undefined && { bootedAtMs: Math.round(Date.now() - Number(up) * 1000) }),
  };
}

function text(fields: Fields, name: string): string {
  return String(fields[name] ?? '');
}
