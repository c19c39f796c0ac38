import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { FEDERATION_API, refOf, type Resource } from '@signalbox/contracts';
import { type BookEntry, jsonRows, ResourceBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { Heirs } from './domain/heirs.js';
import { type Rule } from './domain/rule.js';
import { RuleRevisions } from './domain/rule-revisions.js';
import { PLUGIN_KIND, rulesOf } from './rules.js';

const SUBSCRIPTION_KIND = [FEDERATION_API, 'EventSubscription'] as const;

/** The operator resources as the matcher sees them: groups, and the rules that subscriptions declare. */
@Injectable()
export class RuleBook {
  readonly book: ResourceBook;
  private readonly revisions = new RuleRevisions();

  constructor(
    bus: Bus,
    private readonly dataSource: DataSource,
  ) {
    this.book = new ResourceBook('matcher', bus, dataSource);
  }

  /** The tables, with as much of the past of each rule as says the same. */
  async load(): Promise<void> {
    await this.book.load();
    let versions = [...this.book.ofKind(...SUBSCRIPTION_KIND), ...this.book.ofKind(...PLUGIN_KIND)];
    for (const version of versions) this.revisions.put(version);
    while (versions.length > 0) {
      const before = await this.versionsBefore(versions);
      versions = before.filter((version) => this.revisions.putBefore(version));
    }
  }

  /** Follows the journal; `onChange` runs after each changeset, in order, one at a time. */
  follow(onChange: (revision: number) => Promise<void>): void {
    this.book.follow(async (revision, { changes }) => {
      for (const change of changes)
        if (change.op === 'put') this.revisions.put({ resource: change.resource, revision });
        else this.revisions.delete(change.ref);
      await onChange(revision);
    });
  }

  /** Names of the declared groups. */
  groups(): Set<string> {
    return new Set(
      this.book.ofKind(FEDERATION_API, 'EventGroup').map(({ resource }) => resource.metadata.name),
    );
  }

  /** Who took over from which subscription. */
  heirs(): Heirs {
    return new Heirs(this.book.ofKind(...SUBSCRIPTION_KIND).map(({ resource }) => resource));
  }

  /** Every rule by its subscription, whether its group is declared or not. */
  rules(): ReadonlyMap<string, Rule> {
    return this.read(this.book.ofKind(...SUBSCRIPTION_KIND));
  }

  /** The rule of one subscription, undefined when it is not declared. */
  ruleOf(subscription: string): Rule | undefined {
    const declared = this.book.get(...SUBSCRIPTION_KIND, subscription);
    return declared && this.read([declared]).get(subscription);
  }

  private read(subscriptions: readonly BookEntry[]): ReadonlyMap<string, Rule> {
    return rulesOf(
      subscriptions.map((one) => this.revisions.since(one)),
      (name) => {
        const plugin = this.book.get(...PLUGIN_KIND, name);
        return plugin && this.revisions.since(plugin);
      },
    );
  }

  /** Of these versions, those that stood right before them. */
  private async versionsBefore(
    versions: readonly Pick<BookEntry, 'resource' | 'revision'>[],
  ): Promise<Pick<BookEntry, 'resource' | 'revision'>[]> {
    const given = versions.map(({ resource, revision }) => {
      const { apiVersion, kind, project, name } = refOf(resource);
      return { api_version: apiVersion, kind, project, name, revision };
    });
    const rows = await this.dataSource.query<{ body: string; revision: number }[]>(
      `select v.body, v.from_revision as revision from resource_versions v
         join jsonb_to_recordset($1::jsonb) as r(api_version text, kind text, project text, name text, revision bigint)
           on (v.api_version, v.kind, v.project, v.name, v.to_revision)
            = (r.api_version, r.kind, r.project, r.name, r.revision)`,
      [jsonRows(given)],
    );
    return rows.map(({ body, revision }) => ({ resource: JSON.parse(body) as Resource, revision }));
  }
}
