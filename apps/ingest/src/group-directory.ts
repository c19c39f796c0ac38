import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { type EventGroupSpec, type EventPeerSpec, FEDERATION_API } from '@signalbox/contracts';
import { ResourceBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { type NamedPeer, withMembers } from './domain/members.js';

/** The groups and peers that are declared. */
export interface Declared {
  readonly groups: ReadonlyMap<string, EventGroupSpec>;
  readonly peers: readonly NamedPeer[];
}

/** What is declared, as the ways in need it. */
@Injectable()
export class GroupDirectory {
  readonly book: ResourceBook;
  private groups: ReadonlyMap<string, EventGroupSpec> = new Map();

  constructor(bus: Bus, dataSource: DataSource) {
    this.book = new ResourceBook('ingest', bus, dataSource);
  }

  /** Everything that is declared now. */
  read(): Declared {
    const peers = this.book.ofKind(FEDERATION_API, 'EventPeer').map(({ resource: { metadata, spec } }) => ({
      name: metadata.name,
      spec: spec as unknown as EventPeerSpec,
    }));
    const groups = this.book
      .ofKind(FEDERATION_API, 'EventGroup')
      .map(({ resource: { metadata, spec } }): [string, EventGroupSpec] => [
        metadata.name,
        withMembers(metadata.name, spec as unknown as EventGroupSpec, peers),
      ]);
    return { groups: new Map(groups), peers };
  }

  /** Takes the groups that can take facts now. */
  replace(groups: ReadonlyMap<string, EventGroupSpec>): void {
    this.groups = groups;
  }

  /** Our node name in the group, '' when the group is not declared. */
  nodeNameOf(group: string): string {
    return this.groups.get(group)?.nodeName ?? '';
  }
}
