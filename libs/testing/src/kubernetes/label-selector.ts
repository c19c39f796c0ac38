type Labels = Readonly<Record<string, string>>;

/**
 * The test that a label selector of the Kubernetes API stands for: `a=b`, `a==b`, `a!=b`, `a` and `!a`, joined by commas. Throws on
 * one with a set (`a in (b)`), which is not needed here.
 */
export function labelSelector(text: string): (labels: Labels) => boolean {
  const tests = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => requirement(part.trim()));
  return (labels) => tests.every((test) => test(labels));
}

function requirement(text: string): (labels: Labels) => boolean {
  const [, key, operator, value] = /^([\w./-]+)(!=|==?)([\w.-]*)$/.exec(text) ?? [];
  if (key !== undefined)
    return (labels) => (operator === '!=' ? labels[key] !== value : labels[key] === value);
  const [, not, name] = /^(!?)([\w./-]+)$/.exec(text) ?? [];
  if (name === undefined) throw new Error(`unable to parse requirement: ${text}`);
  return (labels) => (labels[name] !== undefined) === (not === '');
}
