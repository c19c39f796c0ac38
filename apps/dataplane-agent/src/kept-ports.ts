import type { PortMemory } from './drivers/port-memory.js';
import type { KeptFile } from './kept-file.js';

/** Ports that a driver chose for listeners which name none: kept, so that each has the same one after a restart. */
export class KeptPorts implements PortMemory {
  constructor(private readonly kept: KeptFile) {}

  get(listener: string): number | undefined {
    return this.kept.memory.ports[listener];
  }

  set(listener: string, port: number): void {
    const { memory } = this.kept;
    memory.ports = { ...memory.ports, [listener]: port };
    this.kept.keep();
  }
}
