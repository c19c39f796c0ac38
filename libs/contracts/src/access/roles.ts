/**
 * What callers may be, each with all that those before it may: `viewer` reads, `operator` acts on what runs (pause, weights, drains,
 * retries), `author` changes resources, `admin` gives rights and looks after the site itself. Spec admin, REST.
 */
export const ROLES = ['viewer', 'operator', 'author', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Whether who has one role may do what needs the other. */
export function roleCovers(has: Role, needs: Role): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needs);
}
