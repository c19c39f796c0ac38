import type { ApiDescription, ApiMessage } from './api-description.js';

/** How a message of the description stands in a running VPP. */
export interface TableEntry {
  readonly message: string;
  readonly state: 'there' | 'differs' | 'missing';
  /** By the description. */
  readonly ours: string;
  /** By VPP; absent: it has no message of the name. */
  readonly theirs?: string;
}

/** What VPP calls its messages, each a name with a CRC of its layout, and the number of each in this run of VPP. */
export class MessageTable {
  private readonly ids = new Map<string, number>();
  private readonly numbers = new Set<number>();
  private readonly crcs = new Map<string, string[]>();

  constructor(entries: Iterable<readonly [nameAndCrc: string, id: number]>) {
    for (const [nameAndCrc, id] of entries) {
      this.ids.set(nameAndCrc, id);
      this.numbers.add(id);
      const cut = nameAndCrc.lastIndexOf('_');
      const name = nameAndCrc.slice(0, cut);
      this.crcs.set(name, [...(this.crcs.get(name) ?? []), nameAndCrc.slice(cut + 1)]);
    }
  }

  get size(): number {
    return this.ids.size;
  }

  /** The number of a message of exactly this layout. */
  idOf(message: ApiMessage): number | undefined {
    return this.ids.get(`${message.name}_${message.crc}`);
  }

  /** Whether VPP has a message of the number. */
  has(id: number): boolean {
    return this.numbers.has(id);
  }

  /** Messages of the description by their numbers here, those of exactly its layout. */
  byId(description: ApiDescription): ReadonlyMap<number, ApiMessage> {
    const messages = new Map<number, ApiMessage>();
    for (const message of description.values()) {
      const id = this.idOf(message);
      if (id !== undefined) messages.set(id, message);
    }
    return messages;
  }

  /** Each message of the description, as it stands here. */
  compare(description: ApiDescription): TableEntry[] {
    return [...description.values()].map((message) => {
      const theirs = this.crcs.get(message.name);
      const entry = { message: message.name, ours: message.crc };
      if (theirs === undefined) return { ...entry, state: 'missing' };
      if (theirs.includes(message.crc)) return { ...entry, state: 'there', theirs: message.crc };
      return { ...entry, state: 'differs', theirs: theirs.join(', ') };
    });
  }
}
