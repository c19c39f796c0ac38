import type { NftListener } from './nft-listener.js';
import { infoChain } from './nft-names.js';

/** Longest comment of a chain that is used; the kernel takes 127 bytes. Characters. */
const MOST_CHARACTERS = 120;

/**
 * What a listener was made from, as comments of chains without rules: the kernel keeps it together with the rules, in one
 * transaction, so whoever comes next knows what stands. Names of chains and comments, in their order.
 */
export function infoChains(id: string, listener: NftListener): readonly (readonly [string, string])[] {
  const text = commentText(listener);
  const parts: [string, string][] = [];
  for (let start = 0; start < text.length; start += MOST_CHARACTERS) {
    parts.push([infoChain(id, parts.length), text.slice(start, start + MOST_CHARACTERS)]);
  }
  return parts;
}

/** The listeners that comments of chains tell of, by id; what is not whole is left out. */
export function listenersOfInfo(comments: ReadonlyMap<string, string>): ReadonlyMap<string, NftListener> {
  const parts = new Map<string, string[]>();
  for (const [name, comment] of comments) {
    const [, id, part] = /^i_([0-9a-f]+)_(\d+)$/.exec(name) ?? [];
    if (id === undefined || part === undefined) continue;
    const own = parts.get(id) ?? [];
    own[Number(part)] = comment;
    parts.set(id, own);
  }
  const listeners = new Map<string, NftListener>();
  for (const [id, own] of parts) {
    const listener = parsed(own.join(''));
    if (listener) listeners.set(id, listener);
  }
  return listeners;
}

/**
 * JSON in what a comment may have: ASCII without a double quote. Single ones stand in their place, and each that was there
 * before, as each character beyond ASCII, is written as JSON can write any. Targets are lists, which are short.
 */
function commentText(listener: NftListener): string {
  const targets = listener.targets.map(({ address, port, weight, device }): ShortTarget =>
    device === undefined ? [address, port, weight] : [address, port, weight, device],
  );
  return JSON.stringify({ ...listener, targets })
    .replace(/\\(["\\])|['\u007f-\uffff]/g, (one, escaped: string | undefined) => codeOf(escaped ?? one))
    .replaceAll('"', "'");
}

function codeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

type ShortTarget = readonly [address: string, port: number, weight: number, device?: string];

/** Undefined when parts are missing. */
function parsed(text: string): NftListener | undefined {
  try {
    const { targets, ...rest } = JSON.parse(text.replaceAll("'", '"')) as Omit<NftListener, 'targets'> & {
      readonly targets: readonly ShortTarget[];
    };
    return {
      ...rest,
      targets: targets.map(([address, port, weight, device]) => ({
        ...{ address, port, weight },
        ...(device !== undefined && { device }),
      })),
    };
  } catch {
    return undefined;
  }
}
