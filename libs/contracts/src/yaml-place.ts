import { readPointerToken } from './json-pointer.js';
import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from 'yaml';

/** Where something stands in a text; both count from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Finds the places of JSON Pointers in a YAML or JSON text. */
export interface TextPlaces {
  /** How many documents the text holds; empty ones do not count, as in `readYaml`. */
  readonly documents: number;
  /**
   * Where a pointer that begins with the index of a document (`/0/spec/name`) stands: the key of a member, the item of
   * a list; of something that is not there, what should hold it. Undefined when there is no such document.
   */
  placeOf(pointer: string): TextPlace | undefined;
}

/** Reads a text that `readYaml` accepts. */
export function textPlaces(text: string): TextPlaces {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'silent' });
  const roots = (Array.isArray(parsed) ? parsed : []).flatMap(({ contents }) =>
    contents === null || (isScalar(contents) && contents.value === null) ? [] : [contents as Node],
  );
  return {
    documents: roots.length,
    placeOf: (pointer) => {
      const [index = '', ...tokens] = pointer.slice(1).split('/').map(readPointerToken);
      const root = /^\d+$/.test(index) ? roots[Number(index)] : undefined;
      if (!root) return undefined;
      const { line, col } = lines.linePos(offsetOf(root, tokens));
      return { line, column: col };
    },
  };
}

/** Follows the tokens as far as the text goes. */
function offsetOf(root: Node, tokens: readonly string[]): number {
  let [node, offset]: [unknown, number] = [root, startOf(root)];
  for (const token of tokens) {
    const pair = isMap(node) ? node.items.find(({ key }) => nameOf(key) === token) : undefined;
    const item = isSeq(node) ? node.items[Number(token)] : undefined;
    const next = pair ? pair.value : isPair(item) ? item.value : item;
    if (!pair && item === undefined) return offset;
    offset = startOf(pair ? pair.key : next);
    // what an alias stands for is written elsewhere: the alias is the place
    if (!isNode(next) || isAlias(next)) return offset;
    node = next;
  }
  return offset;
}

function nameOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}
