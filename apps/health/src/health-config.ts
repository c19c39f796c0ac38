import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  BACKEND,
  type BackendSpec,
  BALANCE_API,
  HEALTH_CHECK,
  HEALTH_CHECKER_DEFAULTS,
  type HealthCheckerSpec,
  type HealthCheckSpec,
  isOfKind,
  type NamedWindow,
  namedWindow,
  refOf,
  type Resource,
  type ResourceChange,
  scopedName,
  scopedNameOf,
  SINGLETON_NAME,
  specOf,
} from '@signalbox/contracts';
import { EffectiveBook } from '@signalbox/store';
import { DataSource } from 'typeorm';
import type { ConfiguredBackend } from './checker.js';
import { type Check, readCheck } from './domain/check.js';

/** Kinds that the health service reads. */
const KINDS = ['Backend', 'HealthCheck', 'HealthChecker', 'MaintenanceWindow'] as const;

/** The part of the effective config that is about health. */
@Injectable()
export class HealthConfig {
  readonly book: EffectiveBook;
  /** By scoped name. */
  private readonly checks = new Map<string, Check>();

  constructor(bus: Bus, dataSource: DataSource) {
    this.book = new EffectiveBook(
      'health',
      { apiVersion: BALANCE_API, kinds: new Set(KINDS) },
      bus,
      dataSource,
    );
  }

  /** Settings of the whole service. */
  get settings(): HealthCheckerSpec & { readonly guardPercent: number } {
    const resource = this.book.get('HealthChecker', SINGLETON_NAME);
    return { ...HEALTH_CHECKER_DEFAULTS, ...(resource && specOf<HealthCheckerSpec>(resource)) };
  }

  /** Reads the checks again; scoped names of those that are new, gone or different. */
  readChecks(): Set<string> {
    const { netns } = this.settings;
    const read = this.book
      .all('HealthCheck')
      .map((resource) => readCheck(scopedNameOf(resource), specOf<HealthCheckSpec>(resource), netns));
    const before = new Map(this.checks);
    this.checks.clear();
    for (const check of read) this.checks.set(check.name, check);
    const names = new Set([...before.keys(), ...this.checks.keys()]);
    return new Set([...names].filter((name) => before.get(name)?.digest !== this.checks.get(name)?.digest));
  }

  /** Network namespaces that checks name. */
  get namespaces(): Set<string> {
    return new Set([...this.checks.values()].flatMap(({ netns }) => (netns === undefined ? [] : [netns])));
  }

  get windows(): NamedWindow[] {
    return this.book.all('MaintenanceWindow').map(namedWindow);
  }

  /** A backend by its scoped name, with its check; undefined when it is not in the config. */
  backend(name: string): ConfiguredBackend | undefined {
    const resource = this.book.get('Backend', name);
    return resource && this.configured(resource);
  }

  get backends(): ConfiguredBackend[] {
    return this.book.all('Backend').map((resource) => this.configured(resource));
  }

  /** Backends that changes would put, with the checks as these would be then. Changes nothing. */
  after(changes: readonly ResourceChange[]): ConfiguredBackend[] {
    const { netns } = this.settings;
    const checks = new Map<string, Check | undefined>();
    for (const change of changes) {
      const ref = change.op === 'put' ? refOf(change.resource) : change.ref;
      if (!isOfKind(ref, HEALTH_CHECK)) continue;
      const name = scopedName(ref.project, ref.name);
      const check = change.op === 'put' ? readCheck(name, specOf(change.resource), netns) : undefined;
      checks.set(name, check);
    }
    const checkOf = (name: string): Check | undefined =>
      checks.has(name) ? checks.get(name) : this.checks.get(name);
    return changes.flatMap((change) =>
      change.op === 'put' && isOfKind(change.resource, BACKEND)
        ? [this.configured(change.resource, checkOf)]
        : [],
    );
  }

  private configured(
    resource: Resource,
    checkOf = (name: string): Check | undefined => this.checks.get(name),
  ): ConfiguredBackend {
    const { healthcheck, dependsOn, ...own } = specOf<BackendSpec>(resource);
    const { project, name } = refOf(resource);
    const scoped = (other: string): string => scopedName(project, other);
    const spec = {
      ...own,
      ...(healthcheck !== undefined && { healthcheck: scoped(healthcheck) }),
      ...(dependsOn && { dependsOn: dependsOn.map(scoped) }),
    };
    const check = spec.healthcheck === undefined ? undefined : checkOf(spec.healthcheck);
    return { name: scoped(name), spec, ...(check && { check }) };
  }
}
