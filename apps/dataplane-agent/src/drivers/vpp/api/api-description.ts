import { CodedError } from '@signalbox/contracts';
import { ApiTypes } from './api-types.js';
import type { WireField } from './wire-type.js';

/** One message of the description. */
export interface ApiMessage {
  readonly name: string;
  /** Eight hexadecimal digits; VPP has the message under `<name>_<crc>`. */
  readonly crc: string;
  /** In the order of the wire, without the number of the message, which comes first. */
  readonly fields: readonly WireField[];
}

/** Messages of VPP's binary API by their names, as `*.api.json` files describe them. */
export type ApiDescription = ReadonlyMap<string, ApiMessage>;

/** The file itself: lists of lists, whose first element is a name. */
export interface ApiFile {
  readonly types?: readonly (readonly unknown[])[];
  readonly messages?: readonly (readonly unknown[])[];
  readonly unions?: readonly (readonly unknown[])[];
  readonly enums?: readonly (readonly unknown[])[];
  readonly enumflags?: readonly (readonly unknown[])[];
  readonly aliases?: Readonly<Record<string, { readonly type: string; readonly length?: number }>>;
}

/**
 * Reads the messages named from `*.api.json` files, of which each holds all types that its messages need. A message that two files have is
 * that of the later one; one that none has is not in the description; all others are not looked at, whatever they are made of. Throws
 * `data-plane-refused` for what is no such file, naming the message or type.
 */
export function describeApi(files: readonly ApiFile[], names: readonly string[]): ApiDescription {
  const wanted = new Set<unknown>(names);
  const messages = new Map<string, ApiMessage>();
  for (const file of files) {
    const types = new ApiTypes(file);
    for (const entry of file.messages ?? []) {
      if (!wanted.has(entry[0])) continue;
      const message = readMessage(entry, types);
      messages.set(message.name, message);
    }
  }
  return messages;
}

function readMessage(entry: readonly unknown[], types: ApiTypes): ApiMessage {
  const [first, ...rest] = entry;
  const name = String(first);
  const last = rest.at(-1);
  const crc = typeof last === 'object' && last !== null && 'crc' in last ? last.crc : undefined;
  if (typeof crc !== 'string' || !/^0x[0-9a-f]{1,8}$/.test(crc))
    throw refused(`message ${name} has no crc, as 0x and up to eight hexadecimal digits`);
  const [id, ...fields] = types.fieldsOf(name, rest.slice(0, -1));
  if (id?.name !== '_vl_msg_id') throw refused(`message ${name} does not begin with _vl_msg_id`);
  return { name, crc: crc.slice(2).padStart(8, '0'), fields };
}

function refused(what: string): CodedError {
  return new CodedError('data-plane-refused', `the description of VPP's API is not one: ${what}`);
}
