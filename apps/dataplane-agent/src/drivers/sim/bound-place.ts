import type { Place } from '../place.js';
import type { SimListener } from './sim-listener.js';

/** A place where the process listens; it can change hands without that a client notices. */
export interface BoundPlace {
  readonly place: Place;
  /** Who gets what is new here; undefined: nobody. */
  owner: SimListener | undefined;
  /** Takes nothing new from now on; `gone` is called when the place is free for others. */
  release(gone: () => void): void;
  /** Ends it with all that hangs on it. */
  close(): Promise<void>;
}
