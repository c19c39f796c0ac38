/** Ports that were chosen for listeners that name none; who keeps it decides how long a listener has its port. */
export interface PortMemory {
  get(listener: string): number | undefined;
  set(listener: string, port: number): void;
}

/** Keeps them as long as the process lives. */
export class ProcessPortMemory implements PortMemory {
  private readonly ports = new Map<string, number>();

  get(listener: string): number | undefined {
    return this.ports.get(listener);
  }

  set(listener: string, port: number): void {
    this.ports.set(listener, port);
  }
}
