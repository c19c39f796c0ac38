/** A part as an answer about the past names it. */
export interface OriginPart {
  readonly source: string;
  readonly generation: number;
  readonly owner: string;
  readonly state: string;
  /** Why it is in that state; null: it is not told. */
  readonly reason: string | null;
  readonly runId: string;
  readonly acceptedAt: string;
  /** When it came into its state. */
  readonly stateAt: string;
  /** Null: it is held. */
  readonly expiresAt: string | null;
  readonly facts: readonly { readonly id: string; readonly origin: string }[];
  /** Null: none of its facts has one. */
  readonly group: string | null;
  /** The next three are of runs. */
  readonly subscription: string | null;
  readonly plugin: string | null;
  /** Of the rule by which it ran. */
  readonly revision: number | null;
}

/** A changeset of people. */
export interface OriginRevision {
  readonly revision: number;
  readonly author: string;
  readonly message: string;
  readonly at: string;
}

/** Facts that a sentence names. */
const NAMED_FACTS = 3;

/** Who made a part, and from which facts. */
export function partWords({ owner, runId, plugin, revision, facts }: OriginPart): string {
  const named = facts.slice(0, NAMED_FACTS).map(({ id, origin }) => `${id} of ${origin}`);
  const more = facts.length > NAMED_FACTS ? ` and ${facts.length - NAMED_FACTS} more` : '';
  const about =
    facts.length === 0 ? '' : ` from ${facts.length === 1 ? 'fact' : 'facts'} ${named.join(', ')}${more}`;
  if (plugin === null) return `${owner}${about}`;
  return `${owner} by run ${runId} of Plugin/${plugin}, rule of revision ${revision ?? 0}${about && `,${about}`}`;
}

/** Who changed something, and why. */
export function revisionWords({ revision, author, message }: OriginRevision): string {
  return `revision ${revision} by ${author}${message === '' ? '' : `: ${message}`}`;
}

/** Why what a part brought went with it. */
export function endWords({ owner, source, generation, state, reason }: OriginPart): string {
  const why = reason === null ? '' : `: ${reason}`;
  const part = `part ${generation} of ${source === owner ? owner : source}`;
  return state === 'active' ? `${part} no longer has it` : `${part} is ${state}${why}`;
}
