import { CodedError } from '@signalbox/contracts';

/** The capability without which a list of the result must be empty (P14). */
const NEEDED = {
  resources: 'propose.dynamicConfig',
  directives: 'propose.dynamicConfig',
  actionPlans: 'propose.providerAction',
} as const;

/** What a result proposes, not yet read. */
export type Proposals = Readonly<Record<keyof typeof NEEDED, readonly unknown[]>>;

/** Throws `capability-missing` with a pointer per list when a plugin proposes what it may not. */
export function throwIfNotAllowed(proposals: Proposals, capabilities: readonly string[]): void {
  const errors = Object.entries(NEEDED)
    .filter(
      ([list, capability]) =>
        proposals[list as keyof Proposals].length > 0 && !capabilities.includes(capability),
    )
    .map(([list, capability]) => ({
      pointer: `/status/${list}`,
      message: `needs the capability ${capability}`,
    }));
  if (errors.length === 0) return;
  const what = errors.map(({ pointer, message }) => `${pointer} ${message}`).join(', ');
  throw new CodedError(
    'capability-missing',
    `the plugin returned what it may not propose: ${what}; add it to spec.capabilities of the Plugin if it should`,
    errors,
  );
}
