import { CodedError } from './errors.js';

const VARIABLE = /\$(\$\{)|\$\{([A-Za-z][A-Za-z0-9_]*)\}/g;

/**
 * Fills `${name}` in a text, before it is parsed; `$${` is a literal `${`. A value is text, put in as it is and not
 * looked at again. Throws one `unfilled-variable` that lists every name without a value. Architecture section 7.
 */
export function fillVariables(text: string, variables: Readonly<Record<string, string>>): string {
  const unfilled = new Set<string>();
  const filled = text.replaceAll(VARIABLE, (_match, literal: string | undefined, name: string) => {
    if (literal !== undefined) return literal;
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) unfilled.add(name);
    return value ?? '';
  });
  if (unfilled.size === 0) return filled;
  const names = [...unfilled];
  throw new CodedError(
    'unfilled-variable',
    `no value for ${names.map((name) => `\${${name}}`).join(', ')}: add ${names.map((name) => `--var ${name}=value`).join(' ')}`,
  );
}
