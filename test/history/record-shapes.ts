import { ERRORS } from '@signalbox/contracts';
import { FROZEN, type RecordKind } from './record-kinds.js';

/** The parts of a JSON Schema that say how records may differ. */
interface Node {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
  readonly discriminator?: { readonly propertyName: string };
}

/**
 * Everything by which records of the frozen kinds differ in shape: variants, members that may be absent, words of which one is
 * given, flags. Taken from the schemas, so that whatever is added to one of them is here as well. A shape that several
 * records share counts once, under the name of the first.
 */
export class RecordShapes {
  private readonly names = new Map<Node, string>();
  private readonly found = new Set<string>();

  constructor() {
    for (const { name, schema } of FROZEN) this.collect(schema as Node, name);
  }

  /** All of them, by place and what is there, such as `RunBatch/records(ended)/outcome=lost`. */
  get all(): ReadonlySet<string> {
    return this.found;
  }

  /** Which of them a record shows. */
  shownBy({ schema }: RecordKind, record: unknown): Iterable<string> {
    return this.walk(schema as Node, record);
  }

  private collect(node: Node, place: string): void {
    if (this.names.has(node)) return;
    // without a word that tells variants apart it says which members stand together
    if (node.oneOf && node.discriminator) {
      for (const variant of node.oneOf) this.collect(variant, `${place}(${tagsOf(node, variant).join('|')})`);
    } else if (node.properties) {
      this.names.set(node, place);
      this.found.add(place);
      for (const [member, below] of Object.entries(node.properties)) {
        if (!node.required?.includes(member)) this.found.add(`${place}/${member}`);
        for (const choice of choicesOf(below)) this.found.add(`${place}/${member}=${String(choice)}`);
        this.collect(below, `${place}/${member}`);
      }
    } else if (node.items) this.collect(node.items, place);
  }

  private *walk(node: Node, value: unknown): Generator<string> {
    if (Array.isArray(value)) {
      if (node.items) for (const item of value) yield* this.walk(node.items, item);
    } else if (isObject(value)) {
      const variant = node.oneOf?.find((one) => tagsOf(node, one).includes(value[tagOf(node)]));
      if (variant) yield* this.walk(variant, value);
      else if (node.properties) yield* this.walkMembers(node, node.properties, value);
    }
  }

  private *walkMembers(
    node: Node,
    properties: Readonly<Record<string, Node>>,
    value: Readonly<Record<string, unknown>>,
  ): Generator<string> {
    const place = this.names.get(node)!;
    yield place;
    for (const [member, given] of Object.entries(value)) {
      const below = properties[member];
      if (!below) continue;
      yield* [`${place}/${member}`, `${place}/${member}=${String(given)}`].filter((one) =>
        this.found.has(one),
      );
      yield* this.walk(below, given);
    }
  }
}

function tagOf({ discriminator }: Node): string {
  return discriminator?.propertyName ?? '';
}

function tagsOf(node: Node, variant: Node): readonly unknown[] {
  return variant.properties?.[tagOf(node)]?.enum ?? [];
}

/** What one of is given. Codes of errors are no shape: a new one changes no record. */
function choicesOf({ type, enum: words = [] }: Node): readonly unknown[] {
  if (type === 'boolean') return [true, false];
  return words.length > 1 && words.length < Object.keys(ERRORS).length ? words : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
