type Members = Record<string, unknown>;

/** RFC 7396: the object with what the patch says, null taking away. */
export function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Members = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatched(result[name], value);
  }
  return result;
}

/**
 * RFC 6902 with the operations `test`, `add`, `replace` and `remove` of members of objects. Undefined: a test failed, or a place
 * is not there.
 */
export function jsonPatched(target: object, operations: readonly Members[]): object | undefined {
  let result: object | undefined = target;
  for (const { op, path, value } of operations) {
    const steps = String(path)
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (result !== undefined) result = applied(result, steps, String(op), value) as object | undefined;
  }
  return result;
}

function applied(target: unknown, [step, ...rest]: readonly string[], op: string, value: unknown): unknown {
  if (step === undefined || !isObject(target)) return undefined;
  if (rest.length > 0) {
    const inner = applied(target[step], rest, op, value);
    return inner === undefined ? undefined : { ...target, [step]: inner };
  }
  if (op === 'add') return { ...target, [step]: value };
  if (!(step in target)) return undefined;
  if (op === 'test') return isSame(target[step], value) ? target : undefined;
  const { [step]: _taken, ...others } = target;
  return op === 'replace' ? { ...others, [step]: value } : others;
}

/** Equal whatever the order of members. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => isSame(item, b[at]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
