import { parseDuration } from '../../duration.js';
import type { FieldError } from '../../errors.js';
import { isLoopbackHost } from '../../loopback.js';
import { maskUrl } from '../../mask-url.js';
import { FLAG, listOf, mapOf, NON_BLANK, oneOf, shape, TEXT, text, wholeNumber } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { specOf } from '../spec-of.js';
import {
  type ConfigSinkSpec,
  type FileSinkSpec,
  type KvSinkSpec,
  SINK_API,
  SINK_DEFAULTS,
  SINK_FORMATS,
  SINK_TARGETS,
  type SinkCommandSpec,
  type SinkSelection,
  type WebhookSinkSpec,
} from './sink-specs.js';

/** Bounds of a sink. `template`: characters. */
export const SINK_LIMITS = { template: 256 * 1024, selected: 256, arguments: 64 } as const;

const COMMAND = shape<SinkCommandSpec>(
  { argv: listOf(TEXT, { minItems: 1, maxItems: SINK_LIMITS.arguments }) },
  { timeout: text('duration') },
);
const MANY = { minItems: 1, maxItems: SINK_LIMITS.selected } as const;

/** Where the effective config goes as it changes. spec/plugins-and-config "Effective config", ADR 0030. */
export const CONFIG_SINK: Kind = {
  apiVersion: SINK_API,
  kind: 'ConfigSink',
  schema: shape<ConfigSinkSpec>(
    {},
    {
      description: TEXT,
      select: shape<SinkSelection>(
        {},
        {
          kinds: listOf(NON_BLANK, MANY),
          names: listOf(NON_BLANK, MANY),
          labels: mapOf(TEXT),
          projects: listOf(text('project'), MANY),
        },
      ),
      format: oneOf(SINK_FORMATS),
      template: { type: 'string', maxLength: SINK_LIMITS.template },
      minWait: text('duration-or-zero'),
      maxWait: text('duration-or-zero'),
      onEmpty: oneOf(['hold', 'write']),
      maxRemovedPercent: wholeNumber(1, 100),
      onDrift: oneOf(['report', 'overwrite']),
      file: shape<FileSinkSpec>(
        { path: text('absolute-path') },
        {
          mode: NON_BLANK,
          owner: NON_BLANK,
          group: NON_BLANK,
          check: COMMAND,
          reload: COMMAND,
          verify: COMMAND,
        },
      ),
      natsKv: shape<KvSinkSpec>({ bucket: NON_BLANK }, { prefix: NON_BLANK }),
      webhook: shape<WebhookSinkSpec>(
        { url: text('base-url') },
        {
          secretFile: text('absolute-path'),
          caFile: text('absolute-path'),
          plaintext: FLAG,
          timeout: text('duration'),
        },
      ),
    },
  ),
  whyDefaultProject: 'where the config goes is the business of the whole site',
  isOfPeople: true,
  checkFields(resource) {
    const spec = specOf<ConfigSinkSpec>(resource);
    const [first, second] = SINK_TARGETS.filter((way) => spec[way] !== undefined);
    if (first === undefined)
      return [{ pointer: '/spec', message: `must have one of ${SINK_TARGETS.join(', ')}` }];
    if (second !== undefined)
      return [{ pointer: `/spec/${second}`, message: `stands beside ${first}: write one of them` }];
    return [...waitErrors(spec), ...fileErrors(spec.file), ...kvErrors(spec), ...webhookErrors(spec.webhook)];
  },
  unprotected(resource) {
    const { webhook } = specOf<ConfigSinkSpec>(resource);
    if (!webhook || !leavesPlain(webhook.url)) return [];
    const message = `documents go to ${maskUrl(webhook.url)} unencrypted: whoever is on the way can read them, and change those that are not signed`;
    return [{ pointer: '/spec/webhook/url', message }];
  },
};

function waitErrors({ minWait, maxWait }: ConfigSinkSpec): readonly FieldError[] {
  const least = parseDuration(minWait ?? SINK_DEFAULTS.minWait);
  const most = parseDuration(maxWait ?? SINK_DEFAULTS.maxWait);
  if (least <= most) return [];
  const { minWait: standardLeast, maxWait: standardMost } = SINK_DEFAULTS;
  return [
    {
      pointer: `/spec/${maxWait === undefined ? 'minWait' : 'maxWait'}`,
      message: `minWait (default ${standardLeast}) is longer than maxWait (default ${standardMost})`,
    },
  ];
}

function fileErrors(file: FileSinkSpec | undefined): readonly FieldError[] {
  if (!file) return [];
  const errors: FieldError[] = [];
  if (file.mode !== undefined && !/^0?[0-7]{3}$/.test(file.mode))
    errors.push({ pointer: '/spec/file/mode', message: 'must be three octal digits such as 0640' });
  for (const command of ['check', 'reload', 'verify'] as const)
    if (file[command] !== undefined && !file[command].argv[0]?.startsWith('/'))
      errors.push({
        pointer: `/spec/file/${command}/argv/0`,
        message: 'must be the absolute path of a program',
      });
  return errors;
}

function kvErrors({ natsKv, template, format }: ConfigSinkSpec): readonly FieldError[] {
  if (!natsKv) return [];
  const errors: FieldError[] = [];
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(natsKv.bucket) || natsKv.bucket === 'NODES')
    errors.push({
      pointer: '/spec/natsKv/bucket',
      message: 'must be 1-64 letters, digits, "_" and "-", and not NODES, which is ours',
    });
  if (natsKv.prefix !== undefined && !isKvPrefix(natsKv.prefix))
    errors.push({
      pointer: '/spec/natsKv/prefix',
      message: 'must be at most 128 characters: tokens of letters, digits, "_" and "-" with dots between',
    });
  for (const member of ['template', 'format'] as const)
    if ({ template, format }[member] !== undefined)
      errors.push({
        pointer: `/spec/${member}`,
        message: 'is not of natsKv, which has a key for each resource',
      });
  return errors;
}

function webhookErrors(webhook: WebhookSinkSpec | undefined): readonly FieldError[] {
  if (!webhook) return [];
  const { url, caFile, plaintext } = webhook;
  const isPlain = leavesPlain(url);
  const errors: FieldError[] = [];
  if (isPlain && !plaintext)
    errors.push({
      pointer: '/spec/webhook/url',
      message: 'is http to another machine: write https, or plaintext: true beside it when that is intended',
    });
  if (!isPlain && plaintext)
    errors.push({
      pointer: '/spec/webhook/plaintext',
      message: 'is of http to another machine only: leave it out',
    });
  if (caFile !== undefined && new URL(url).protocol !== 'https:')
    errors.push({ pointer: '/spec/webhook/caFile', message: 'is of https only' });
  return errors;
}

/** Whether what is sent there leaves the machine unencrypted, by the URL as it is written. */
function leavesPlain(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !isLoopbackHost(hostname);
}

/** A subject of NATS takes more, but not without end. */
function isKvPrefix(prefix: string): boolean {
  return prefix.length <= 128 && /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(prefix);
}
