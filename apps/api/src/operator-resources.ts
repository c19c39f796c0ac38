import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  CodedError,
  type EventGroupSpec,
  type EventPeerSpec,
  FEDERATION_API,
  QuotaBook,
  type Resource,
} from '@signalbox/contracts';
import { ResourceBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import type { Standing } from './domain/plan-changeset.js';

/** A declared group: its name and its spec. */
export interface Group {
  readonly name: string;
  readonly spec: EventGroupSpec;
}

/** A declared peer: the name of its EventPeer, its node, and which facts it gets (all types or subjects: empty). */
export interface DeclaredPeer {
  readonly group: string;
  readonly name: string;
  readonly nodeName: string;
  readonly types: readonly string[];
  readonly subjectPrefixes: readonly string[];
}

interface Waiting {
  readonly revision: number;
  readonly resolve: (reached: boolean) => void;
}

/** The operator resources in memory, as they stand at {@link revision}. */
@Injectable()
export class OperatorResources {
  private readonly book: ResourceBook;
  /** What stands as quotas count it, at {@link revision}. */
  readonly quotas = new QuotaBook();
  private readonly waiting = new Set<Waiting>();

  constructor(bus: Bus, dataSource: DataSource) {
    this.book = new ResourceBook('api', bus, dataSource);
  }

  /** Resolves when everything that was in the journal is here. */
  async start(): Promise<void> {
    await this.book.load();
    this.quotas.apply(this.book.all().map(({ resource }) => ({ op: 'put', resource })));
    this.book.follow((revision, { changes }) => {
      this.quotas.apply(changes);
      for (const one of this.waiting) if (revision >= one.revision) one.resolve(true);
    });
    await this.book.caughtUp();
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

  /** All resources of a kind. */
  all(apiVersion: string, kind: string): Resource[] {
    return this.book.ofKind(apiVersion, kind).map(({ resource }) => resource);
  }

  /** The declared peers of declared groups, never ourselves, by group, then name. */
  peers(): DeclaredPeer[] {
    const nodes = new Map(this.groups().map(({ name, spec }) => [name, spec.nodeName]));
    return this.all(FEDERATION_API, 'EventPeer')
      .map(({ metadata: { name }, spec }) => {
        const {
          groupRef: group,
          nodeName,
          types = [],
          subjectPrefixes = [],
        } = spec as unknown as EventPeerSpec;
        return { group, name, nodeName, types, subjectPrefixes };
      })
      .filter(({ group, nodeName }) => nodes.has(group) && nodes.get(group) !== nodeName)
      .sort((a, b) => compare(a.group, b.group) || compare(a.name, b.name));
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

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function groupOf({ metadata, spec }: Resource): Group {
  return { name: metadata.name, spec: spec as unknown as EventGroupSpec };
}
