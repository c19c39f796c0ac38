import { Injectable } from '@nestjs/common';
import { type ResourceRef, scopedName } from '@signalbox/contracts';
import { Checker } from './checker.js';
import { HealthConfig } from './health-config.js';
import { Probers } from './probes/probers.js';
import { Verdicts } from './verdicts.js';

/** Brings backends to what the effective config says; resolves when the records that follow are stored. */
@Injectable()
export class ConfigTakeover {
  constructor(
    private readonly config: HealthConfig,
    private readonly checker: Checker,
    private readonly verdicts: Verdicts,
    private readonly probers: Probers,
  ) {}

  /** Everything, once: what the records know and the config does not is removed. */
  async begin(): Promise<void> {
    this.config.readChecks();
    this.verdicts.setGuardPercent(this.config.settings.guardPercent);
    const configured = this.config.backends;
    const left = new Set(this.checker.unclaimed);
    for (const { name } of configured) left.delete(name);
    await Promise.all([
      ...configured.map((backend) => this.checker.configure(backend)),
      ...[...left].map((name) => this.checker.remove(name)),
    ]);
  }

  /** What changed. */
  async follow(changed: readonly ResourceRef[]): Promise<void> {
    const isTouched = (wanted: string): boolean => changed.some(({ kind }) => kind === wanted);
    this.verdicts.setGuardPercent(this.config.settings.guardPercent);
    const checks =
      isTouched('HealthCheck') || isTouched('HealthChecker') ? this.config.readChecks() : new Set<string>();
    const backends = changed.filter(({ kind }) => kind === 'Backend');
    const names = new Set(backends.map(({ project, name }) => scopedName(project, name)));
    if (checks.size > 0) {
      for (const { name, spec } of this.config.backends)
        if (spec.healthcheck !== undefined && checks.has(spec.healthcheck)) names.add(name);
    }
    await Promise.all(
      [...names].map((name) => {
        const configured = this.config.backend(name);
        return configured ? this.checker.configure(configured) : this.checker.remove(name);
      }),
    );
    // only now: probes that are still on their way in a namespace would end as failures
    await this.probers.keepOnly(this.config.namespaces);
  }
}
