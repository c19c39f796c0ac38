import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { listenerText, PEERS } from './listener-text.js';
import type { PlacedListener } from './placed-listener.js';
import { quoted } from './quoted.js';

/** What stands in every file, whatever the listeners. */
export interface ConfigSettings {
  /** Unix socket of the admin commands. */
  readonly statsSocket: string;
  /** Where the certificates of listeners are, for HAProxy to read. */
  readonly certificates: string;
  /** Most connections at once, of all listeners together; absent: HAProxy derives it from the files it may open. */
  readonly maxConnections?: number;
}

/** A whole haproxy.cfg. */
export interface ConfigText {
  readonly text: string;
  /** Digest of all that only a reload changes; a process that runs the file names it as its description. */
  readonly shape: string;
  readonly sections: Sections;
}

/** Sections by the JSON of their listener. */
export type Sections = ReadonlyMap<string, Section>;

/** The part of one listener. */
export interface Section {
  readonly text: string;
  /** What only a reload changes. */
  readonly shape: string;
}

/** First line of each file of ours: a file without it was written by somebody else, and is left alone. */
const HEADER = '# Written by Signalbox: the whole desired state of this node. What is edited here is lost.';
const LISTENER_COMMENT = '# listener ';
const DESCRIPTION = 'signalbox:';
const SHAPE_CHARACTERS = 16;

/**
 * The haproxy.cfg of these listeners, the same for the same listeners. Before each section stands, as a comment, the listener that
 * it was made from: what HAProxy serves is known again after a restart of the agent. Sections that are `known`, from the
 * file before, are not made again.
 */
export function configText(
  listeners: readonly PlacedListener[],
  settings: ConfigSettings,
  known: Sections = new Map(),
): ConfigText {
  const sections = new Map<string, Section>();
  for (const listener of listeners) {
    const json = JSON.stringify(listener);
    sections.set(json, known.get(json) ?? sectionOf(listener, settings, json));
  }
  const made = [...sections.values()];
  const hasTls = listeners.some(({ tls }) => tls);
  const hash = createHash('sha256').update(globalLines(settings, '', hasTls).join('\n'));
  for (const section of made) hash.update(section.shape);
  const shape = hash.digest('hex').slice(0, SHAPE_CHARACTERS);
  const top = [HEADER, ...globalLines(settings, shape, hasTls), ''].join('\n');
  return { text: top + made.map(({ text }) => text).join(''), shape, sections };
}

/** The shape that a process names, from the description that it gives of itself; undefined: it does not run a file of ours. */
export function shapeOfDescription(description: string): string | undefined {
  return description.startsWith(DESCRIPTION) ? description.slice(DESCRIPTION.length) : undefined;
}

/** The shape that a file of ours names. */
export function shapeOfText(text: string): string | undefined {
  return new RegExp(`^  description ${DESCRIPTION}(\\w+)$`, 'm').exec(text)?.[1];
}

export function isOurs(text: string): boolean {
  return text.startsWith(`${HEADER}\n`);
}

/** The listeners that a file of ours was made from. */
export function listenersOfText(text: string): readonly PlacedListener[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(LISTENER_COMMENT))
    .map((line) => JSON.parse(line.slice(LISTENER_COMMENT.length)) as PlacedListener);
}

/** The part of one listener; `json`: of it, when that is made already. */
export function sectionOf(
  listener: PlacedListener,
  { certificates }: ConfigSettings,
  json = JSON.stringify(listener),
): Section {
  const sections = listenerText(listener, certificates);
  const lines = sections.flatMap(({ head: [title = '', ...rest], servers }) => [
    title,
    ...[...rest, ...servers].map((line) => `  ${line}`),
  ]);
  const shape = sections.flatMap(({ head, servers, hasFixedServers }) => [
    ...head,
    ...(hasFixedServers ? servers.map((line) => line.replace(/ weight .*/, '')) : []),
  ]);
  return { text: ['', LISTENER_COMMENT + json, ...lines, ''].join('\n'), shape: `${shape.join('\n')}\n` };
}

function globalLines(
  { statsSocket, maxConnections, certificates }: ConfigSettings,
  shape: string,
  hasTls: boolean,
): string[] {
  return [
    'global',
    `  description ${DESCRIPTION}${shape}`,
    `  localpeer ${PEERS}`,
    ...(maxConnections === undefined ? [] : [`  maxconn ${maxConnections}`]),
    `  stats socket ${quoted(statsSocket)} mode 600 level admin expose-fd listeners`,
    // words of a list of certificates cannot be quoted: names are there, and where they are is here
    ...(hasTls ? [`  crt-base ${quoted(certificates)}`] : []),
    '',
    `peers ${PEERS}`,
    `  peer ${PEERS} ${quoted(`unix@${peersSocket(statsSocket)}`)}`,
  ];
}

/**
 * Unix socket of the peers, beside that of the admin commands. Its name does not begin with the other's: a process that starts
 * would take the open socket of the one for that of the other, and the tables would be lost.
 */
function peersSocket(statsSocket: string): string {
  return join(dirname(statsSocket), `peers-${basename(statsSocket)}`);
}
