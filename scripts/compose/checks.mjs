// Counts what was checked: one line for each check as it ends, the reason below a failed one.

let passed = 0;
let failed = 0;

/**
 * Runs one check. Its failure is told and counted, and does not stop the others.
 *
 * @param {string} name what holds when it passes
 * @param {() => Promise<unknown> | unknown} run throws when it does not hold; a string it returns is shown beside the name
 * @returns {Promise<boolean>} whether it passed
 */
export async function check(name, run) {
  const startedAt = performance.now();
  try {
    const note = await run();
    passed += 1;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`  ok    ${name} (${typeof note === 'string' ? `${note}, ` : ''}${seconds} s)`);
    return true;
  } catch (error) {
    failed += 1;
    console.log(`  FAIL  ${name}\n${error.message.replace(/^/gm, '          ')}`);
    return false;
  }
}

/** Begins a group of checks. */
export function section(title) {
  console.log(`\n${title}`);
}

/** Says loudly that something was not checked, and why. */
export function notChecked(what, why) {
  console.log(`\n  !!!!  NOT CHECKED: ${what}\n        ${why}`);
}

/** The last line; the exit code says the same. */
export function conclude() {
  console.log(`\n${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}
