import { type ErrorBody, ERRORS } from '@signalbox/contracts';
import { headers, type MsgHdrs } from 'nats';

/** Most characters of a message that stand in a header. */
const LONGEST = 200;

/** Headers of an answer that is a refusal, as the services framework of NATS has them (ADR-32): tools show them. */
export function refusalHeaders({ code, message }: ErrorBody): MsgHdrs {
  const made = headers();
  made.set('Nats-Service-Error-Code', String(ERRORS[code].status));
  // a header is one line
  made.set('Nats-Service-Error', `${code}: ${message}`.replace(/[^\x20-\x7e]+/g, ' ').slice(0, LONGEST));
  return made;
}
