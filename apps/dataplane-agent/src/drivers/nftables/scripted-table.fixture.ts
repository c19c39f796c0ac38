/**
 * The tables of a node as the kernel would have them after scripts, for tests of scripts alone. It refuses what the kernel refuses: to add what
 * is there with another value, to take out what is not there or is still needed, and to name what is not there.
 */
export class ScriptedTable {
  private readonly tables = new Set<string>();
  private readonly objects = new Map<string, string>();
  private readonly rules = new Map<string, string[]>();
  private readonly elements = new Map<string, Map<string, string>>();

  run(script: string): void {
    for (const line of script.split('\n').filter(Boolean)) this.command(line);
  }

  contents(): object {
    return {
      objects: sorted(this.objects),
      rules: sorted(this.rules),
      elements: sorted(new Map([...this.elements].map(([map, held]) => [map, sorted(held)]))),
    };
  }

  private command(line: string): void {
    const [verb = '', kind = ''] = line.split(' ');
    const [, family = '', own = '', rest = ''] = / (inet|netdev) \S+ ?(\S+)? ?(.*)$/.exec(line) ?? [];
    if (kind === 'table') return this.changeTable(verb, family);
    if (!this.tables.has(family)) throw new Error(`${line}: there is no table`);
    const name = `${family}/${own}`;
    if (kind === 'element') return this.change(verb, name, rest);
    if (kind === 'rule') return this.addRule(name, rest);
    if (verb === 'flush') {
      this.held(name);
      this.rules.set(name, []);
      this.elements.set(name, new Map());
      return;
    }
    const word = line.split(` ${family} `)[0]!.slice(verb.length + 1);
    if (verb === 'add') {
      const before = this.objects.get(name);
      const now = `${word} ${rest}`;
      if (before !== undefined && before !== now) throw new Error(`${line}: it is ${before}`);
      this.objects.set(name, now);
      this.rules.set(name, this.rules.get(name) ?? []);
      this.elements.set(name, this.elements.get(name) ?? new Map());
    } else {
      this.held(name);
      const user = this.userOf(name);
      if (user !== undefined) throw new Error(`${line}: ${user} needs it`);
      this.objects.delete(name);
      this.rules.delete(name);
      this.elements.delete(name);
    }
  }

  /** A table ends with all that is in it. */
  private changeTable(verb: string, family: string): void {
    if (verb === 'add') this.tables.add(family);
    else if (!this.tables.delete(family)) throw new Error(`there is no table ${family}`);
    else
      for (const held of [this.objects, this.rules, this.elements])
        for (const name of held.keys()) if (name.startsWith(`${family}/`)) held.delete(name);
  }

  private addRule(chain: string, rule: string): void {
    this.held(chain);
    const [family] = chain.split('/');
    for (const [, name] of rule.matchAll(/(?:@|name "|set "|goto |jump )([a-z][\w.]*)/g)) {
      if (name !== 'name') this.held(`${family}/${name}`);
    }
    this.rules.get(chain)!.push(rule);
  }

  private change(verb: string, map: string, text: string): void {
    this.held(map);
    const held = this.elements.get(map)!;
    for (const entry of text.replace(/^\{ | \}$/g, '').split(', ')) {
      const [key = '', value = ''] = entry.split(' : ');
      if (verb === 'delete') {
        if (!held.delete(key)) throw new Error(`${map} does not have ${key}`);
        continue;
      }
      if (held.has(key) && held.get(key) !== value) throw new Error(`${map} has ${key} already`);
      this.held(`${map.split('/')[0]}/${value.replace(/^goto |"/g, '')}`);
      held.set(key, value);
    }
  }

  private held(name: string): void {
    if (!this.objects.has(name)) throw new Error(`there is no ${name}`);
  }

  private userOf(name: string): string | undefined {
    const [family, own = ''] = name.split('/');
    const word = new RegExp(`(?<![\\w.])${own.replaceAll('.', '\\.')}(?![\\w.])`);
    const isBeside = (other: string): boolean => other !== name && other.startsWith(`${family}/`);
    const rule = [...this.rules].find(
      ([chain, rules]) => isBeside(chain) && rules.some((one) => word.test(one)),
    );
    const map = [...this.elements].find(
      ([one, held]) => isBeside(one) && [...held.values()].some((value) => word.test(value)),
    );
    return rule?.[0] ?? map?.[0];
  }
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
