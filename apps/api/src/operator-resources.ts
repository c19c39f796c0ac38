import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError, type EventGroupSpec, FEDERATION_API, type Resource } from '@signalbox/contracts';
import { ResourceBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import type { Standing } from './domain/plan-changeset.js';

/** A declared group: its name and its spec. */
export interface Group {
  readonly name: string;
  readonly spec: EventGroupSpec;
}

interface Waiting {
  readonly revision: number;
  readonly resolve: (reached: boolean) => void;
}

/** The operator resources in memory, as they stand at {@link revision}. */
@Injectable()
export class OperatorResources {
  private readonly book = new ResourceBook();
  private readonly waiting = new Set<Waiting>();

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** Resolves when everything that was in the journal is here. */
  async start(): Promise<void> {
    await this.book.start(this.bus, this.dataSource, (revision) => {
      for (const one of this.waiting) if (revision >= one.revision) one.resolve(true);
    });
  }

  async stop(): Promise<void> {
    await this.book.stop();
  }

  /** Revision of the newest changeset, 0 when there is none. */
  get revision(): number {
    return this.book.revision;
  }

  /** Live view: changes when the journal does. */
  get standing(): Standing {
    return this.book.map();
  }

  /** Whether a revision is here within `timeoutMs`. */
  reached(revision: number, timeoutMs: number): Promise<boolean> {
    if (this.revision >= revision) return Promise.resolve(true);
    return new Promise((resolve) => {
      const one: Waiting = {
        revision,
        resolve: (reached) => {
          clearTimeout(timer);
          this.waiting.delete(one);
          resolve(reached);
        },
      };
      const timer = setTimeout(() => one.resolve(false), timeoutMs);
      this.waiting.add(one);
    });
  }

  /** The declared groups by name. */
  groups(): Group[] {
    return this.book
      .ofKind(FEDERATION_API, 'EventGroup')
      .map(({ resource }) => groupOf(resource))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A declared group. Throws `unknown-group`. */
  group(name: string): Group {
    const entry = this.book.get(FEDERATION_API, 'EventGroup', name);
    if (entry) return groupOf(entry.resource);
    const known = this.groups().map((group) => group.name);
    const hint = known.length > 0 ? `there are: ${known.join(', ')}` : 'there are none';
    throw new CodedError(
      'unknown-group',
      `there is no EventGroup "${name}"; ${hint}. Apply an EventGroup to declare one`,
    );
  }
}

function groupOf({ metadata, spec }: Resource): Group {
  return { name: metadata.name, spec: spec as unknown as EventGroupSpec };
}
