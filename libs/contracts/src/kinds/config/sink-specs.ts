/**
 * Typed spec of `ConfigSink`; the JSON Schema beside the kind accepts exactly this shape. spec/plugins-and-config "Effective
 * config", ADR 0030.
 */

/** API of the kinds of ours about the effective config. */
export const SINK_API = 'config.signalbox.dev/v1alpha1';

/** Where the effective config, or a part of it, goes as it changes. Exactly one of the three targets is given. */
export interface ConfigSinkSpec {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** What of the effective config goes there; absent: all of it. */
  readonly select?: SinkSelection;
  /** Form of the document, without a template. Default yaml. */
  readonly format?: SinkFormat;
  /** Liquid over what is selected; of a file and a webhook. */
  readonly template?: string;
  /** Written once nothing has changed for so long. Default 1s. */
  readonly minWait?: string;
  /** Written at the latest so long after the first change. Default 10s. */
  readonly maxWait?: string;
  /** What becomes of the target when nothing is selected any more. Default `hold`: it stays as it is. */
  readonly onEmpty?: 'hold' | 'write';
  /** Most percent of what was applied last that may be gone at once; above, all of it is held. 1-100, default 100. */
  readonly maxRemovedPercent?: number;
  /** What becomes of a target that somebody else changed. Default `report`. Of a file and of NATS KV. */
  readonly onDrift?: 'report' | 'overwrite';
  /** Into a file. */
  readonly file?: FileSinkSpec;
  /** Into a bucket of NATS KV, a key for each resource. */
  readonly natsKv?: KvSinkSpec;
  /** To a server, by POST. */
  readonly webhook?: WebhookSinkSpec;
}

export const SINK_FORMATS = ['yaml', 'json'] as const;
export type SinkFormat = (typeof SINK_FORMATS)[number];

/** Resources that fit everything that is given. */
export interface SinkSelection {
  /** `Kind` or `apiVersion/Kind`. */
  readonly kinds?: readonly string[];
  /** Names; a `*` at the end stands for any rest. */
  readonly names?: readonly string[];
  /** All of these labels, with these values. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Projects; absent: all. */
  readonly projects?: readonly string[];
}

/** A file that a program reads. */
export interface FileSinkSpec {
  /** Absolute, inside a directory of sinks; no symlink. */
  readonly path: string;
  /** Octal, default 0644. */
  readonly mode?: string;
  /** Names or numbers; need root. Default: as the service. */
  readonly owner?: string;
  /** Name or number; needs root. Default: as the service. */
  readonly group?: string;
  /** Run on the new file before it takes the place of the old one; `{file}` in `argv` stands for its path. */
  readonly check?: SinkCommandSpec;
  /** Run after the new file has taken its place. */
  readonly reload?: SinkCommandSpec;
  /** Run after the reload; when it fails, the file before is put back. */
  readonly verify?: SinkCommandSpec;
}

/** A program that the site trusts, with its arguments; no shell. */
export interface SinkCommandSpec {
  /** Absolute path of the program, inside a directory of commands, and its arguments. */
  readonly argv: readonly string[];
  /** Default 10s. */
  readonly timeout?: string;
}

/** A bucket of NATS KV with a key for each resource, see `sinkKeyOf`. */
export interface KvSinkSpec {
  /** Name of the bucket; it is made when it is not there. */
  readonly bucket: string;
  /** In front of each key, tokens with dots between. */
  readonly prefix?: string;
}

/** A server that gets the newest document; what comes between is left out while it does not answer. */
export interface WebhookSinkSpec {
  /** Where the document is sent to. */
  readonly url: string;
  /** Absolute path of a file with the key that signs; absent: unsigned. */
  readonly secretFile?: string;
  /** Absolute path of a PEM file with the authorities of its certificate; absent: those that the system trusts. Of https. */
  readonly caFile?: string;
  /** That documents leave the machine unencrypted is intended. Only for http beyond loopback, which needs it. */
  readonly plaintext?: boolean;
  /** How long an answer may take. Default 10s. */
  readonly timeout?: string;
}

/** What a sink says of itself when it says nothing. */
export const SINK_DEFAULTS = {
  format: 'yaml',
  minWait: '1s',
  maxWait: '10s',
  onEmpty: 'hold',
  maxRemovedPercent: 100,
  onDrift: 'report',
  mode: '0644',
  commandTimeout: '10s',
  webhookTimeout: '10s',
} as const;

/** Largest document of a sink. Bytes. */
export const SINK_DOCUMENT_BYTES = 8 * 1024 * 1024;

export const SINK_TARGETS = ['file', 'natsKv', 'webhook'] as const;
export type SinkTargetWay = (typeof SINK_TARGETS)[number];

/** The target of a valid sink. */
export function targetWayOf(spec: ConfigSinkSpec): SinkTargetWay {
  return SINK_TARGETS.find((way) => spec[way] !== undefined) ?? 'file';
}

/**
 * The place that a valid sink has for itself, equal for two that would write over each other; undefined of a webhook, because a
 * server may take the documents of several.
 */
export function ownPlaceOf(spec: ConfigSinkSpec): string | undefined {
  const way = targetWayOf(spec);
  return way === 'webhook' ? undefined : `${way} ${sinkPlaceOf(spec)}`;
}

/** Where the content of a valid sink is, as its records name it: a path, a bucket with its prefix, a URL. */
export function sinkPlaceOf({ file, natsKv, webhook }: ConfigSinkSpec): string {
  if (natsKv) return natsKv.prefix === undefined ? natsKv.bucket : `${natsKv.bucket}/${natsKv.prefix}`;
  return file?.path ?? webhook?.url ?? '';
}
