import type { NodeState } from '@signalbox/contracts';
import type { AppliedListener } from '../driver.js';
import type { ShelfState } from './certificate-shelf.js';
import type { Placement } from './place-listeners.js';

/** How each desired listener stands, in their order, once HAProxy serves what was placed. */
export function appliedListeners(
  desired: NodeState,
  { listeners, refused }: Placement,
  { shown }: ShelfState,
): AppliedListener[] {
  const served = new Map(listeners.map((listener) => [listener.name, listener]));
  return desired.listeners.map(({ name }) => {
    const error = refused.get(name);
    if (error) return { name, state: 'refused', error };
    const listensAt = served.get(name)?.listensAt;
    if (!listensAt) throw new Error(`listener ${name} was neither placed nor refused`);
    return { name, state: 'applied', listensAt, ...shown.get(name) };
  });
}
