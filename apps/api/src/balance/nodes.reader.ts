import { Injectable } from '@nestjs/common';
import { BALANCE_API, CodedError, DEFAULT_PROJECT } from '@signalbox/contracts';
import { NodeListenerRow, NodeVipRow } from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import type { PageQuery } from '../http/page.query.js';
import { AgentsHeard } from './agents-heard.js';
import { nodeItem, nodeView, type NodeViewRow } from './node-view.js';
import type { NodeDto, NodeItemDto } from './nodes.dto.js';

const DECLARED = `api_version = '${BALANCE_API}' and kind = 'Node' and project = '${DEFAULT_PROJECT}'`;

/** Nodes that reported, and those that are declared: a page of their names. */
const NAMES = `
  select name from (
    (select name from nodes where $1::text is null or name > $1 order by name limit $2)
    union
    (select name from effective_resources where ${DECLARED} and ($1::text is null or name > $1) order by name limit $2)
  ) both_kinds order by name limit $2`;

/** What is known of the nodes of these names. */
const KNOWN = `
  select given.name, n.version, n.driver, n.state, n.since, n.at, n.error, n.epoch, n.applied_generation, n.capabilities,
         n.traffic_digest, n.drained, n.peers, n.vips, n.announced,
         d.at as drained_at, d.author as drained_by, d.reason as drained_why,
         e.body, e.revision, e.part_source, e.part_generation,
         (select count(*)::integer from node_listeners l where l.node = given.name and l.state = 'refused') as refused
    from unnest($1::text[]) as given(name)
    left join nodes n on n.name = given.name
    left join (select * from effective_resources where ${DECLARED}) e on e.name = given.name
    left join node_drains d on d.node = given.name and d.drained
   where n.name is not null or e.name is not null or d.node is not null
   order by given.name`;

/** Reads of load-balancing nodes; several tables are read in one snapshot. */
@Injectable()
export class NodesReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly agents: AgentsHeard,
  ) {}

  /** By name. */
  async list({ limit, after }: PageQuery): Promise<Page<NodeItemDto>> {
    const behind = after === undefined ? null : decodeCursor(after, ['string'])[0];
    const page = await this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const names = await tx.query<{ name: string }[]>(NAMES, [behind, limit + 1]);
      const rows = await known(
        tx,
        names.map(({ name }) => name),
      );
      return pageOf(rows, limit, nodeItem, ({ name }) => [name]);
    });
    return { ...page, items: await this.withSilence(page.items) };
  }

  /** One node with what it serves. Throws `not-found`. */
  async get(name: string): Promise<NodeDto> {
    const node = await this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const [row] = await known(tx, [name]);
      if (!row)
        throw new CodedError('not-found', `there is no node ${name}: GET /v1/nodes lists what there is`);
      const listeners = await tx.find(NodeListenerRow, { where: { node: name }, order: { listener: 'ASC' } });
      const vips = await tx
        .createQueryBuilder(NodeVipRow, 'v')
        .where('v.node = :name', { name })
        .orderBy('v.address::inet')
        .getMany();
      return nodeView(row, listeners, vips);
    });
    return (await this.withSilence([node]))[0]!;
  }

  /** The same, and of which the agent does not answer now. */
  private async withSilence<N extends NodeItemDto>(nodes: readonly N[]): Promise<N[]> {
    const reported = nodes.filter(({ version }) => version !== undefined).map(({ name }) => name);
    const silent = await this.agents.silentOf(reported);
    return nodes.map((node) => (silent.has(node.name) ? { ...node, silent: true } : node));
  }
}

function known(tx: EntityManager, names: readonly string[]): Promise<NodeViewRow[]> {
  return tx.query<NodeViewRow[]>(KNOWN, [names]);
}
