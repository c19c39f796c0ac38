import { type Condition, maskUrl } from '@signalbox/contracts';

/** How one plugin runs on this machine. */
export interface ContainmentFacts {
  /** Name of the user that it runs as. */
  readonly user: string;
  /** Whether that user is not the one of the service. */
  readonly isUserItsOwn: boolean;
  /** Absent: it runs in the sandbox. Why it does not. */
  readonly noSandbox?: string;
  /** Whether it reaches the network from the sandbox. */
  readonly network: boolean;
  /** Whether runs without a sandbox have control groups. */
  readonly hasControlGroups: boolean;
  /** Whether the number of processes in the sandbox is bounded. */
  readonly boundsProcesses: boolean;
}

/**
 * What a plugin is held to, and what it is not, as a condition of its resource. The tests of hostile plugins show each
 * of these sentences.
 */
export function containmentCondition(facts: ContainmentFacts): Condition {
  return facts.noSandbox === undefined ? contained(facts) : uncontained(facts, facts.noSandbox);
}

/** The same of a plugin of mode http: the process is not ours. */
export function endpointCondition(url: string): Condition {
  const message =
    `is run by whoever is at ${maskUrl(url)}: what that reads, writes, starts, spends and tells others is not bounded here; ` +
    'the time and the size of its answers, capabilities and grants hold';
  return { type: 'Uncontained', status: 'True', reason: 'endpoint', message };
}

function contained({ user, network, boundsProcesses }: ContainmentFacts): Condition {
  const reach = network ? 'It reaches the network, as spec.network says.' : 'It has no network.';
  const open = ['the memory of its processes together', ...(boundsProcesses ? [] : ['how many they are'])];
  const message =
    `runs in a sandbox as the user ${user}: it reads the system, PATH and its plugin directory, writes to its own directory only, ` +
    `and everything that it starts ends with it. ${reach} Not bounded: ${open.join(', and ')}`;
  return { type: 'Contained', status: 'True', reason: 'sandbox', message };
}

function uncontained(
  { user, isUserItsOwn, hasControlGroups }: ContainmentFacts,
  noSandbox: string,
): Condition {
  const files = isUserItsOwn
    ? `it reaches the network and the files that the user ${user} may read or write, the keys of the site not among them`
    : `it reaches the network and everything that the service may read or write, its keys among them`;
  const processes = hasControlGroups
    ? ''
    : ', and a process that takes a session and an environment of its own outlives the run';
  const message =
    `runs without a sandbox as the user ${user} (${noSandbox}): limits, a clean environment and the end of its processes hold, but ` +
    `${files}${processes}; install bubblewrap, or set SIGNALBOX_SANDBOX=required to run it in a sandbox only`;
  return { type: 'Uncontained', status: 'True', reason: 'no-sandbox', message };
}
