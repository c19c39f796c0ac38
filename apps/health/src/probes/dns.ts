import { Resolver } from 'node:dns';
import { isIPv6 } from 'node:net';
import { HEALTH_CHECK_DEFAULTS, type ProbeCode } from '@signalbox/contracts';
import type { Attempt } from './attempt.js';
import { recordTexts } from './dns-records.js';
import { failureText } from './failure-text.js';
import type { ProbeTarget } from './probe.js';
import { sourceOf } from './source-address.js';

/** What the resolver says: the way was broken, the server refuses (its RCODE), or its answer is of no use. */
const FAILURES: Readonly<Record<string, readonly [ProbeCode, string]>> = {
  ECONNREFUSED: ['L4CON', 'connection refused'],
  ETIMEOUT: ['L7TOUT', 'no response'],
  ENOTFOUND: ['L7STS', 'NXDOMAIN'],
  ESERVFAIL: ['L7STS', 'SERVFAIL'],
  EREFUSED: ['L7STS', 'REFUSED'],
  ENOTIMP: ['L7STS', 'NOTIMP'],
  EFORMERR: ['L7STS', 'FORMERR'],
  ENODATA: ['L7RSP', 'no record of this type'],
  EBADRESP: ['L7RSP', 'the answer is broken'],
};

/** One query to the target itself; `params.expect` is the text of one record of the answer (see {@link recordTexts}). */
export function probeDns(target: ProbeTarget, attempt: Attempt): void {
  const { address, port = 53, timeoutMs, params } = target;
  const type = params.recordType ?? HEALTH_CHECK_DEFAULTS.recordType;
  const resolver = new Resolver({ timeout: Math.ceil(timeoutMs), tries: 1 });
  attempt.hold(() => resolver.cancel());
  resolver.setServers([isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`]);
  const source = sourceOf(target);
  if (source !== undefined) resolver.setLocalAddress(...(isIPv6(source) ? ['0.0.0.0', source] : [source]));
  attempt.enter('L7');
  const judge = attempt.step((error: NodeJS.ErrnoException | null, answer: unknown) => {
    if (error) {
      const [code, detail] = FAILURES[error.code ?? ''] ?? ['L7RSP', failureText(error)];
      return attempt.fail(code, detail);
    }
    const texts = recordTexts(type, answer);
    const { expect } = params;
    if (expect !== undefined && !texts.includes(expect)) {
      return attempt.fail('L7RSP', `no ${type} record equals ${expect}: ${texts.join(', ')}`);
    }
    attempt.pass('L7OK', texts.join(', '));
  });
  resolver.resolve(params.name ?? '', type, judge);
}
