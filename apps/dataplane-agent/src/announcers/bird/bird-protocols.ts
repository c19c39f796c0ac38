import type { Answer } from './bird-answers.js';

/** A protocol of BIRD, as `show protocols all` tells it. */
export interface BirdProtocol {
  readonly name: string;
  /** `BGP`, `Static`, `BFD`. */
  readonly type: string;
  /** `up`, `start`, `stop`, `down`. */
  readonly state: string;
  /** `Established`, and what went wrong last. */
  readonly info: string;
  /** Of our peers: their names. */
  readonly description?: string;
  readonly neighbor?: string;
  readonly lastError?: string;
  /** Channels over which routes come to the peer, as `ipv4`. */
  readonly channels: readonly string[];
}

const CODE_PROTOCOL = 1002;
const CODE_DETAILS = 1006;

/** Reads the answer to `show protocols` and `show protocols all`. */
export function readProtocols(answer: Answer): BirdProtocol[] {
  const found: { line: string; details: string[] }[] = [];
  for (const { code, text } of answer) {
    if (code === CODE_PROTOCOL) found.push({ line: text, details: [] });
    else if (code === CODE_DETAILS) found.at(-1)?.details.push(text);
  }
  return found.map(({ line, details }) => {
    const [name = '', type = '', , state = '', ...rest] = line.trim().split(/\s+/);
    const description = valueOf('Description', details);
    const neighbor = valueOf('Neighbor address', details);
    const lastError = valueOf('Last error', details);
    return {
      ...{ name, type, state, info: infoOf(rest), channels: openChannels(details) },
      ...(description !== undefined && { description }),
      ...(neighbor !== undefined && { neighbor }),
      ...(lastError !== undefined && { lastError }),
    };
  });
}

/** What stands behind the time, which is one word or a date and a time. */
function infoOf([first = '', ...rest]: readonly string[]): string {
  return (/^\d{4}-\d\d-\d\d$/.test(first) ? rest.slice(1) : rest).join(' ');
}

function valueOf(key: string, details: readonly string[]): string | undefined {
  const line = details.map((text) => text.trim()).find((text) => text.startsWith(`${key}:`));
  return line?.slice(key.length + 1).trim();
}

/**
 * Those that are up and have a next hop: where the link has no address of a family BIRD counts routes of that family as exported, and
 * sends none.
 */
function openChannels(details: readonly string[]): string[] {
  const channels: { name: string; isUp: boolean; hasHop: boolean }[] = [];
  for (const line of details) {
    const text = line.trim();
    const name = /^Channel (\S+)$/.exec(text)?.[1];
    const current = channels.at(-1);
    if (name !== undefined) channels.push({ name, isUp: false, hasHop: false });
    else if (current && /^State:\s+UP$/.test(text)) current.isUp = true;
    else if (current && /^BGP Next hop:\s+(?!::$|0\.0\.0\.0$)\S/.test(text)) current.hasHop = true;
  }
  return channels.filter(({ isUp, hasHop }) => isUp && hasHop).map(({ name }) => name);
}

const CODE_BFD = 1020;

/** Reads `show bfd sessions`: whether those with an address are up. */
export function readBfd(answer: Answer): Map<string, boolean> {
  const rows = answer.filter(({ code }) => code === CODE_BFD).map(({ text }) => text.trim().split(/\s+/));
  const isTold = ([, , state = '']: readonly string[]): boolean => /^(?:Up|Down|Init|AdminDown)$/.test(state);
  return new Map(rows.filter(isTold).map(([address = '', , state]) => [address, state === 'Up']));
}

const CODE_ROUTE = 1007;

/** Reads `show route`: addresses of routes of one host. */
export function readHostRoutes(answer: Answer): string[] {
  return answer
    .filter(({ code }) => code === CODE_ROUTE)
    .map(({ text }) => /^\s*([0-9a-f.:]+)\/(?:32|128)\s/.exec(text)?.[1])
    .filter((address) => address !== undefined);
}
