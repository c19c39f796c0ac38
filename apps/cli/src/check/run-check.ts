import type { DoctorReport } from '../../../api/src/domain/doctor/report.js';
import { CHECK_EXIT } from '../exit-codes.js';
import { toFailure } from '../failure.js';
import { pathOf } from '../rest-client.js';
import type { BackendDetail, FrontendItem } from '../rest/answers.js';
import type { Session } from '../session.js';
import { type Verdict, verdictLine, verdictOf } from './verdict.js';

export function checkSite(session: Session, areas: readonly string[]): Promise<void> {
  return tell(session, async () => verdictOf((await doctor(session, areas)).checks));
}

export function checkPeer(session: Session, name: string): Promise<void> {
  return tell(session, async () => {
    const { checks } = await doctor(session, ['federation', 'clock']);
    const about = checks.filter(({ peer }) => peer === name);
    if (about.length > 0) return verdictOf(about);
    return { word: 'UNKNOWN', text: `there is no peer ${name}`, figures: {} };
  });
}

export function checkBackend(session: Session, name: string, project: string | undefined): Promise<void> {
  return tell(session, async () => {
    const { state } = await session.client.call<BackendDetail>(pathOf('backends', name), {
      has: ['name', 'state'],
      query: { project },
    });
    const word = state === 'up' ? 'OK' : state === 'down' ? 'CRITICAL' : 'WARNING';
    return { word, text: `backend ${name} is ${state}`, figures: { up: state === 'up' ? 1 : 0 } };
  });
}

export function checkFrontend(
  session: Session,
  name: string,
  minUsable: number,
  project: string | undefined,
): Promise<void> {
  return tell(session, async () => {
    const { pools } = await session.client.call<FrontendItem>(pathOf('frontends', name), {
      has: ['name', 'pools'],
      query: { project },
    });
    const backends = pools.flatMap((pool) => pool.backends);
    const usable = backends.filter(({ effective }) => effective > 0).length;
    const word = usable < minUsable ? 'CRITICAL' : 'OK';
    const text = `frontend ${name}: ${usable} of ${backends.length} backends serve, at least ${minUsable} must`;
    return { word, text, figures: { usable: `${usable};;${minUsable}:`, backends: backends.length } };
  });
}

function doctor(session: Session, areas: readonly string[]): Promise<DoctorReport> {
  const query = { area: areas.join(',') };
  return session.client.call<DoctorReport>(pathOf('doctor'), { has: ['checks'], query });
}

/** Whatever happens is one line: a site that is not reached is unknown, not well and not broken. */
async function tell(session: Session, look: () => Promise<Verdict>): Promise<void> {
  const verdict = await look().catch((error: unknown): Verdict => {
    const { code, message } = toFailure(error);
    return { word: 'UNKNOWN', text: `${code}: ${message}`, figures: {} };
  });
  session.print(verdictLine(verdict));
  session.exitCode = CHECK_EXIT[verdict.word];
}
