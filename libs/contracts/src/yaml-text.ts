import {
  Composer,
  type CST,
  type Document as YamlDocument,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  visit,
} from 'yaml';
import { CodedError } from './errors.js';
import { parseStrictJson } from './strict-json.js';

/** Bounds of a YAML or JSON text: bytes, nested objects and lists, uses of an anchor. */
export const YAML_LIMITS = { bytes: 8 * 1024 * 1024, depth: 64, aliases: 100 } as const;

/** A text is not valid YAML. The message may quote what is written there; `rule` says what is wrong without. */
export class BadYaml extends CodedError {
  constructor(
    message: string,
    readonly rule: string,
    /** Both count from 1; absent when it is about a whole document. */
    readonly place?: { readonly line: number; readonly column: number },
    options?: { cause?: unknown },
  ) {
    super('bad-yaml', message, [], options);
  }
}

/**
 * YAML 1.2 core schema and merge keys (`<<: *base`), which the readers of Go know and people use; nothing else: no custom
 * tags, no timestamps, keys are texts.
 */
const OPTIONS = {
  version: '1.2',
  schema: 'core',
  resolveKnownTags: false,
  merge: true,
  strict: true,
  stringKeys: true,
  /** Checked by ourselves: the library compares every key with every other. */
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/**
 * The values of all documents of a YAML or JSON text; empty documents are left out.
 * Throws `too-large` over 8 MiB and {@link BadYaml} with line and column: syntax, tags, duplicate keys, nesting beyond 64,
 * an alias inside its own anchor, aliases that blow the text up beyond its bound.
 */
export function readYaml(text: string): unknown[] {
  const bytes = Buffer.byteLength(text);
  if (bytes > YAML_LIMITS.bytes)
    throw new CodedError(
      'too-large',
      `the text has ${bytes} bytes; at most ${YAML_LIMITS.bytes} are allowed`,
    );
  return readJson(text) ?? readDocuments(text);
}

/** Plain JSON is read many times faster than YAML; whatever is wrong with it is told with its place by the YAML way. */
function readJson(text: string): unknown[] | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const value = parseStrictJson(text);
    return isWithin(value, YAML_LIMITS.depth) && !hasBareTexts(value) ? [value] : undefined;
  } catch {
    return undefined;
  }
}

/** Where a manifest of the reference may leave out the quotes: its reader takes what is written there as a text. */
const TEXTS_AT = ['spec', 'match', 'payload'] as const;

/** Numbers and booleans where texts are meant become what is written: `010`, `1.0` and `1e3` mean themselves there. */
function keepWritten(document: YamlDocument.Parsed): void {
  visit(document, {
    Map(_key, map, path) {
      const keys = path.flatMap((ancestor) => (isPair(ancestor) ? [keyText(ancestor.key)] : []));
      if (!TEXTS_AT.every((key, index) => keys.at(index - TEXTS_AT.length) === key)) return;
      for (const { value } of map.items)
        if (isScalar(value) && isBareText(value.value) && value.source !== undefined)
          value.value = value.source;
    },
  });
}

function hasBareTexts(value: unknown, below = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (below === TEXTS_AT.length) return Object.values(value).some(isBareText);
  return Object.entries(value).some(([key, member]) =>
    hasBareTexts(member, key === TEXTS_AT[below] ? below + 1 : key === TEXTS_AT[0] ? 1 : 0),
  );
}

function isBareText(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function keyText(key: unknown): unknown {
  return isScalar(key) ? key.value : key;
}

function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isWithin(member, depth - 1));
}

function readDocuments(text: string): unknown[] {
  const lines = new LineCounter();
  const values: unknown[] = [];
  for (const document of new Composer(OPTIONS).compose(tokensOf(text, lines), false, text.length)) {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw badYaml(problem.message, problem.pos[0], lines, ruleOf(problem.code));
    new TreeCheck(lines).check(document.contents, 1);
    keepWritten(document);
    const value = valueOf(document);
    if (value !== null && value !== undefined) values.push(value);
  }
  return values;
}

/** Tokens of the text; stops before nesting gets so deep that composing it would exhaust the stack. */
function* tokensOf(text: string, lines: LineCounter): Generator<CST.Token, void> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > YAML_LIMITS.depth + SPARE_LEVELS) throw tooDeep(parser.offset, lines);
  }
  yield* parser.end();
}

/** Entries of the parser's stack that are no nesting: the document and a scalar. */
const SPARE_LEVELS = 4;

function valueOf(document: YamlDocument.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: YAML_LIMITS.aliases });
  } catch (error) {
    const { message } = error as Error;
    throw new BadYaml(`the document is not valid YAML: ${message}`, 'aliases cannot be unfolded', undefined, {
      cause: error,
    });
  }
}

/** How deep a node nests, and how many characters its aliases add to what is written. */
interface Extent {
  readonly height: number;
  readonly unfolded: number;
  readonly isObject?: boolean;
}

/** Checks one document: nesting, keys given twice, and what aliases unfold to. */
class TreeCheck {
  private readonly anchors = new Map<string, Extent>();
  private readonly openAnchors: (string | undefined)[] = [];
  private unfolded = 0;

  constructor(private readonly lines: LineCounter) {}

  check(node: unknown, depth: number): Extent {
    if (isAlias(node)) return this.checkAlias(node.source, startOf(node), depth);
    if (isScalar(node)) return this.keep(node, { height: 0, unfolded: 0 });
    if (!isCollection(node)) return { height: 0, unfolded: 0 };
    if (depth > YAML_LIMITS.depth) throw tooDeep(startOf(node), this.lines);
    if (isMap(node)) this.checkKeys(node.items);
    this.openAnchors.push(node.anchor);
    let [height, unfolded] = [0, 0];
    for (const item of node.items) {
      if (isPair(item) && isMergeKey(item.key)) this.checkMerged(item.value);
      const child = this.check(isPair(item) ? item.value : item, depth + 1);
      height = Math.max(height, child.height);
      unfolded += child.unfolded;
    }
    this.openAnchors.pop();
    return this.keep(node, { height: height + 1, unfolded });
  }

  private checkAlias(anchor: string, offset: number, depth: number): Extent {
    if (this.openAnchors.includes(anchor))
      throw badYaml(`the alias *${anchor} contains itself`, offset, this.lines, 'an alias contains itself');
    const extent = this.anchors.get(anchor);
    if (!extent)
      throw badYaml(
        `the alias *${anchor} has no anchor before it`,
        offset,
        this.lines,
        'an alias has no anchor before it',
      );
    if (depth - 1 + extent.height > YAML_LIMITS.depth) throw tooDeep(offset, this.lines);
    this.unfolded += extent.unfolded;
    if (this.unfolded > YAML_LIMITS.bytes)
      throw badYaml(
        `the alias *${anchor} makes the document too large`,
        offset,
        this.lines,
        'an alias makes the document too large',
      );
    return extent;
  }

  /** What is merged must be an object or a list of objects, written there or by an alias. */
  private checkMerged(node: unknown): void {
    const parts = isSeq(node) ? node.items : [node];
    for (const part of parts) {
      const isObject = isAlias(part) ? this.anchors.get(part.source)?.isObject !== false : isMap(part);
      if (!isObject) throw badYaml('"<<" merges objects only', startOf(part), this.lines);
    }
  }

  private checkKeys(pairs: readonly { readonly key: unknown }[]): void {
    const seen = new Set<unknown>();
    for (const { key } of pairs) {
      const name = keyText(key);
      if (seen.has(name))
        throw badYaml(
          `the key ${JSON.stringify(name)} is given twice`,
          startOf(key),
          this.lines,
          'a key is given twice',
        );
      seen.add(name);
    }
  }

  /** An anchor stands for what is written at its node and for what the aliases in there add. */
  private keep(node: { anchor?: string; range?: Range }, extent: Extent): Extent {
    const [start, end] = node.range ?? [0, 0];
    if (node.anchor !== undefined)
      this.anchors.set(node.anchor, {
        height: extent.height,
        unfolded: extent.unfolded + end - start,
        isObject: isMap(node),
      });
    return extent;
  }
}

/** A plain `<<`; a quoted one is a key like any other. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<';
}

type Range = readonly [number, number, number] | null;

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function tooDeep(offset: number, lines: LineCounter): BadYaml {
  return badYaml(
    `objects and lists lie more than ${YAML_LIMITS.depth} deep inside each other`,
    offset,
    lines,
  );
}

/** `rule` is the problem without a quotation; the problem itself when it quotes nothing. */
function badYaml(problem: string, offset: number, lines: LineCounter, rule = problem): BadYaml {
  const { line, col } = lines.linePos(offset);
  const message = `the text is not valid YAML: ${problem} (line ${line}, column ${col})`;
  return new BadYaml(message, rule, { line, column: col });
}

/** The library names its rules: `MISSING_CHAR`. */
function ruleOf(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ');
}
