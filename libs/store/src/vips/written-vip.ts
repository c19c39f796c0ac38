import { BALANCE_API } from '@signalbox/contracts';

/**
 * SQL for the VIP that the body of a resource writes, as `inet`; null: none. Bodies are JSON without blanks, and Frontends and LoadBalancers have no
 * other member of the name. It is read as text, because JSON may hold text that the JSON of Postgres cannot, and an index must never keep a row
 * out.
 */
export const WRITTEN_VIP = `substring(body from '"address":"([0-9A-Fa-f.:]+)"')::inet`;

/** SQL that says of a resource whether it writes a VIP: only of ours, whose addresses were validated. */
export const WRITES_VIP = `api_version = '${BALANCE_API}' and kind in ('Frontend', 'LoadBalancer')
       and body ~ '"address":"[0-9A-Fa-f.:]+"'`;
