/** Who names what, to be asked from both ends: which listeners a pool serves, for one. Names are scoped names. */
export class UseIndex {
  private readonly used = new Map<string, readonly string[]>();
  private readonly users = new Map<string, Set<string>>();

  /** What a user names from now on; nothing: it is forgotten. */
  set(user: string, used: Iterable<string>): void {
    for (const one of this.used.get(user) ?? []) {
      const users = this.users.get(one);
      users?.delete(user);
      if (users?.size === 0) this.users.delete(one);
    }
    const next = [...new Set(used)];
    if (next.length === 0) this.used.delete(user);
    else this.used.set(user, next);
    for (const one of next) {
      const users = this.users.get(one);
      if (users) users.add(user);
      else this.users.set(one, new Set([user]));
    }
  }

  /** What a user names. */
  usedBy(user: string): readonly string[] {
    return this.used.get(user) ?? [];
  }

  /** Who names it. */
  usersOf(one: string): ReadonlySet<string> {
    return this.users.get(one) ?? NOBODY;
  }
}

const NOBODY: ReadonlySet<string> = new Set();
