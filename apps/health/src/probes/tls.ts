import { HEALTH_CHECK_DEFAULTS, parseDuration } from '@signalbox/contracts';
import type { Attempt } from './attempt.js';
import { certificateWarning } from './certificate-end.js';
import { openTcp, openTls } from './connect.js';
import type { ProbeTarget } from './probe.js';
import type { TlsTrust } from './tls-settings.js';

/** Makes a handshake and looks at the end of the certificate. A certificate that is not trusted fails the handshake. */
export function probeTls(target: ProbeTarget, attempt: Attempt, trust: TlsTrust): void {
  const settings = trust.settingsFor(target);
  const warnBeforeMs = parseDuration(target.params.warnBefore ?? HEALTH_CHECK_DEFAULTS.warnBefore);
  openTcp(target, attempt, (socket) =>
    openTls(socket, settings, attempt, (secure) => {
      const certificate = secure.getPeerX509Certificate();
      if (!certificate) return attempt.fail('L6RSP', 'no certificate');
      const endMs = Date.parse(certificate.validTo);
      const warning = certificateWarning(endMs, Date.now(), warnBeforeMs);
      attempt.pass('L6OK', `the certificate ends on ${new Date(endMs).toISOString().slice(0, 10)}`, warning);
    }),
  );
}
