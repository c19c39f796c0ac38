import type { Attempt } from './attempt.js';
import { open } from './connect.js';
import type { ProbeTarget } from './probe.js';
import type { TlsTrust } from './tls-settings.js';

/** Connects, with `params.ssl` makes a TLS handshake too, and closes at once. Reference 4.4. */
export function probeTcp(target: ProbeTarget, attempt: Attempt, trust: TlsTrust): void {
  const settings = target.params.ssl === true ? trust.settingsFor(target) : undefined;
  open(target, settings, attempt, () => {
    if (settings) attempt.pass('L6OK', 'TLS handshake made');
    else attempt.pass('L4OK', 'connected');
  });
}
