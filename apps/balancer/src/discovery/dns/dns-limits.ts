/** Every bound of looks into DNS, in one place. */
export const DNS_LIMITS = {
  /** One server, one way (UDP or TCP). Milliseconds. */
  tryMs: 2_000,
  /** After this nothing further is asked in a look. Milliseconds. */
  lookMs: 30_000,
  /** How often a server is asked that says nothing: datagrams are lost. */
  rounds: 2,
  /** What every network carries in one piece (DNS flag day 2020). Bytes. */
  payloadBytes: 1232,
  /** Questions for aliases that one name may lead to, beyond those that an answer follows itself. */
  aliases: 8,
  /** Questions at the same time. */
  atOnce: 16,
  /** How long a host that cannot be asked is waited for before a source is told of for the first time. Milliseconds. */
  patienceMs: 30_000,
  /** Hosts that one line of the log names. */
  hostsInLog: 5,
} as const;
