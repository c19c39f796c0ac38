import { crc32 } from 'node:zlib';
import type { ApiFile } from './api-description.js';
import { SHIPPED_FILES } from './shipped-description.js';

/** CRCs that others published, so that the rule below is known to be that of VPP: the README of the files says where. */
const PUBLISHED: Readonly<Record<string, string>> = {
  sockclnt_create: '0x455fb9c4',
  sockclnt_create_reply: '0x35166268',
  sockclnt_delete: '0x8ac76db6',
  sockclnt_delete_reply: '0x8f38b1ee',
  memclnt_keepalive: '0x51077d14',
  memclnt_keepalive_reply: '0xe8d4e804',
  control_ping: '0x51077d14',
  control_ping_reply: '0xf6b0b8ca',
  show_version: '0x51077d14',
  show_version_reply: '0xc919bde1',
  show_vpe_system_time: '0x51077d14',
  show_vpe_system_time_reply: '0x7ffd8193',
  cli_inband: '0xf8377302',
  cli_inband_reply: '0x05879051',
  lb_conf: '0x56cd3261',
  lb_conf_reply: '0xe8d4e804',
  lb_add_del_vip_v2: '0x7c520e0f',
  lb_add_del_vip_v2_reply: '0xe8d4e804',
  lb_flush_vip: '0x1063f819',
  lb_flush_vip_reply: '0xe8d4e804',
  lb_vip_dump: '0x56110cb7',
  lb_vip_details: '0x1329ec9b',
};

const MESSAGES = SHIPPED_FILES.flatMap((file) =>
  (file.messages ?? []).map((message) => ({ file, name: String(message[0]), message })),
);

describe("CRCs by the rule of VPP's vppapigen", () => {
  it.each(MESSAGES.map(({ name, file, message }) => [name, file, message] as const))(
    'has that of %s',
    (_, file, message) => {
      const given = message.at(-1) as { crc: string };
      expect(given.crc).toBe(crcOf(file, message.slice(2, -1) as Entry[]));
    },
  );

  it.each(Object.entries(PUBLISHED))('has the published one of %s', (name, crc) => {
    const { message } = MESSAGES.find((candidate) => candidate.name === name) ?? {};
    expect(message?.at(-1)).toEqual({ crc });
  });
});

type Entry = readonly [type: string, name: string, length?: unknown, lengthField?: string];

/** The CRC of the fields, and behind it that of each type of ours, in the order of the fields and as deep as they go. */
function crcOf(file: ApiFile, fields: readonly Entry[]): string {
  const crc = fold(file, fields, crc32(written(fields)));
  return `0x${crc.toString(16).padStart(8, '0')}`;
}

function fold(file: ApiFile, fields: readonly Entry[], before: number): number {
  let crc = before;
  for (const [type] of fields) {
    const name = /^vl_api_(\w+)_t$/.exec(type)?.[1];
    if (name === undefined) continue;
    const named = (entries: ApiFile['types']) => entries?.find(([first]) => first === name)?.slice(1);
    const block = (named(file.types) ?? named(file.unions)) as Entry[] | undefined;
    const values = named(file.enums)?.filter((value) => Array.isArray(value)) as
      (readonly [string, number])[] | undefined;
    if (values !== undefined)
      crc = crc32(`[${values.map(([key, value]) => `['${key}', ${value}]`).join(', ')}]`, crc);
    // another name of a type counts as a type without fields
    else crc = fold(file, block ?? [], crc32(written(block ?? []), crc));
  }
  return crc;
}

/** As Python prints the list of fields; defaults are not in it. */
function written(fields: readonly Entry[]): string {
  const entries = fields.map(([type, name, length, lengthField]) =>
    typeof length === 'number'
      ? `['${type}', '${name}', ${length}, ${lengthField === undefined ? 'None' : `'${lengthField}'`}]`
      : `['${type}', '${name}']`,
  );
  return `[${entries.join(', ')}]`;
}
