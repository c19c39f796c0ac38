import { userInfo } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import {
  type Alarm,
  type Condition,
  errorBody,
  formatTime,
  PLUGIN_API,
  type PluginSpec,
} from '@signalbox/contracts';
import { Clock, SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { containmentCondition, endpointCondition } from './domain/containment-condition.js';
import { sandboxMode } from './domain/sandbox-mode.js';
import { CONTAINMENT, type Containment } from './execution/containment/containment.js';
import { placeOfPlugin } from './execution/containment/place-of-plugin.js';
import { openEndpoint } from './execution/endpoint/open-endpoint.js';
import { openTrustedPlugin } from './execution/plugin-file.js';
import { readSecrets } from './execution/secrets/plugin-secrets.js';

/** Why a plugin could not be run now. `pointer`: the field of the Plugin that it is about. */
export interface PluginFault {
  readonly pointer: string;
  /** An error code. */
  readonly reason: string;
  readonly message: string;
}

/** Asks of plugins what is asked before each of their runs, and remembers which could not be run. */
@Injectable()
export class PluginChecks {
  private readonly faults = new Map<string, PluginFault & { readonly sinceMs: number }>();
  private declared: ReadonlyMap<string, PluginSpec> = new Map();

  constructor(
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
    @Inject(CONTAINMENT) private readonly containment: Containment,
    private readonly clock: Clock,
  ) {}

  /** Undefined when it can be run as it stands. */
  async check(spec: PluginSpec): Promise<PluginFault | undefined> {
    try {
      if (spec.mode === 'http') await openEndpoint(spec, this.config.secretDirs);
      else {
        placeOfPlugin(spec, await openTrustedPlugin(spec, this.config.pluginDirs), this.containment);
        await readSecrets(spec.secrets, this.config.secretDirs);
      }
      return undefined;
    } catch (error) {
      const { code: reason, message, errors = [] } = errorBody(error);
      const field = reason === 'sandbox-unavailable' ? '/spec/sandbox' : '/spec/executable';
      const pointer = errors[0]?.pointer ?? field;
      return { pointer, reason, message };
    }
  }

  /** Looks at all declared plugins anew. */
  async follow(declared: ReadonlyMap<string, PluginSpec>): Promise<void> {
    this.declared = declared;
    for (const name of this.faults.keys()) if (!declared.has(name)) this.faults.delete(name);
    await Promise.all(
      [...declared].map(async ([name, spec]) => {
        const fault = await this.check(spec);
        const sinceMs = this.faults.get(name)?.sinceMs ?? this.clock.now();
        if (fault) this.faults.set(name, { ...fault, sinceMs });
        else this.faults.delete(name);
      }),
    );
  }

  /** What contains each declared plugin that may run, by name. */
  conditions(): Record<string, Condition> {
    const { sandbox, fault, user, mode, controlGroups } = this.containment;
    const machine = {
      user: user?.name ?? userInfo().username,
      isUserItsOwn: user !== undefined,
      hasControlGroups: controlGroups !== undefined,
      boundsProcesses: sandbox?.boundsProcesses === true,
    };
    const runnable = [...this.declared].filter(
      ([name]) => this.faults.get(name)?.reason !== 'sandbox-unavailable',
    );
    return Object.fromEntries(
      runnable.map(([name, spec]) => {
        if (spec.http !== undefined) return [name, endpointCondition(spec.http.url)];
        const noSandbox =
          sandboxMode(mode, spec) === 'off' ? 'the site says so' : sandbox ? undefined : fault;
        const facts = {
          ...machine,
          network: spec.network === true,
          ...(noSandbox !== undefined && { noSandbox }),
        };
        return [name, containmentCondition(facts)];
      }),
    );
  }

  /** One alarm per plugin that could not be run when it was looked at last, by name. */
  alarms(): Alarm[] {
    return [...this.faults]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { reason, message, sinceMs }]) => ({
        kind: 'plugin-unusable',
        name,
        reason,
        resources: [{ apiVersion: PLUGIN_API, kind: 'Plugin', name }],
        since: formatTime(sinceMs),
        text: `plugin ${name} cannot be run: ${message}`,
      }));
  }
}
