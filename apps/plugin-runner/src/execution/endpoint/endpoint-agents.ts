import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { PluginSpec } from '@signalbox/contracts';
import { PROCESS_LIMITS } from '../limits.js';

/** What the connections of one plugin have in common. */
export interface EndpointConnections {
  readonly isSecure: boolean;
  /** PEM of the authorities that the certificate may be of; absent: those that the machine trusts. */
  readonly authorities?: string;
  /** Most connections at once; each carries one request at a time. */
  readonly concurrency: number;
}

interface Entry extends EndpointConnections {
  readonly agent: HttpAgent;
}

/**
 * The connections of all plugins of mode http, kept for the next run. A connection stands on the authorities that it was made with, so
 * other authorities are other connections.
 */
export class EndpointAgents {
  private readonly entries = new Map<string, Entry>();

  /** What makes and keeps the connections of a plugin. */
  agentOf(plugin: string, wanted: EndpointConnections): HttpAgent {
    const known = this.entries.get(plugin);
    if (known && isAlike(known, wanted)) return known.agent;
    if (known) retire(known.agent);
    const { isSecure, authorities, concurrency } = wanted;
    const options = {
      keepAlive: true,
      maxSockets: concurrency,
      maxFreeSockets: concurrency,
      timeout: PROCESS_LIMITS.idleConnectionMs,
    };
    const agent = isSecure
      ? new HttpsAgent({ ...options, ...(authorities !== undefined && { ca: authorities }) })
      : new HttpAgent(options);
    this.entries.set(plugin, { ...wanted, agent });
    return agent;
  }

  /** Closes the connections of plugins that are not declared any more, or run otherwise; requests in work go on. */
  keep(declared: ReadonlyMap<string, PluginSpec>): void {
    for (const [plugin, { agent }] of this.entries) {
      if (declared.get(plugin)?.mode === 'http') continue;
      retire(agent);
      this.entries.delete(plugin);
    }
  }

  /** Closes all connections, also those that are in use. */
  stop(): void {
    for (const { agent } of this.entries.values()) agent.destroy();
    this.entries.clear();
  }
}

function isAlike(a: EndpointConnections, b: EndpointConnections): boolean {
  return a.isSecure === b.isSecure && a.authorities === b.authorities && a.concurrency === b.concurrency;
}

/** Keeps no connection from here on. */
function retire(agent: HttpAgent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets))
    for (const socket of sockets ?? []) socket.destroy();
}
