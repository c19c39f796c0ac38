import { Inject, Injectable } from '@nestjs/common';
import { CodedError, type PluginRequest, type PluginSpec, validateResource } from '@signalbox/contracts';
import { SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { CONTAINMENT, type Containment } from './execution/containment/containment.js';
import { EndpointAgents } from './execution/endpoint/endpoint-agents.js';
import { executePlugin } from './execution/execute-plugin.js';
import type { ExecutedPlugin } from './execution/executed-plugin.js';
import { PluginPools } from './execution/persistent/plugin-pools.js';

/** One run as the executor of runs asks for it. */
export interface HostedRun {
  /** Name of the Plugin resource. */
  readonly name: string;
  readonly spec: PluginSpec;
  readonly request: PluginRequest;
  readonly nowMs: number;
  /** Awaited before the plugin sees anything of the request. */
  readonly onStart: (pluginDigest?: string) => Promise<void>;
}

/** Runs plugins under the rules of this site and owns their processes and connections. */
@Injectable()
export class PluginHost {
  private readonly stopping = new AbortController();
  private readonly endpoints = new EndpointAgents();

  constructor(
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
    @Inject(CONTAINMENT) private readonly containment: Containment,
    private readonly pools: PluginPools,
  ) {}

  /** As {@link executePlugin}. Throws `not-ready` when the service stops: the run counts as lost, or never began. */
  async execute(run: HostedRun): Promise<ExecutedPlugin> {
    const executed = await executePlugin({
      ...run,
      pluginDirs: this.config.pluginDirs,
      secretDirs: this.config.secretDirs,
      searchPath: this.config.searchPath,
      containment: this.containment,
      validate: validateResource,
      signal: this.stopping.signal,
      pools: this.pools,
      endpoints: this.endpoints,
    });
    if (this.stopping.signal.aborted) throw new CodedError('not-ready', 'the plugin-runner is stopping');
    return executed;
  }

  /** Ends the persistent processes and the connections of plugins that are not declared, or declared otherwise than before. */
  keep(declared: ReadonlyMap<string, PluginSpec>): void {
    this.pools.keep(declared);
    this.endpoints.keep(declared);
  }

  /** Ends every plugin process and request; resolves when the persistent ones are gone. Called at shutdown. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.pools.stop();
    this.endpoints.stop();
  }
}
