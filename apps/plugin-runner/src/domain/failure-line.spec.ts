import { expect, test } from '@jest/globals';
import { failureLine } from './failure-line.js';

const NODE = `file:///plugins/weigh:2
const { readFileSync } = require('node:fs');
                         ^

ReferenceError: require is not defined in ES module scope, you can use import instead
    at file:///plugins/weigh:2:26
    at ModuleJob.run (node:internal/modules/esm/module_job:195:25)

Node.js v20.11.0
`;
const NODE_SYSTEM = `node:fs:573
    throw error;
    ^

Error: ENOENT: no such file or directory, open '/quota'
    at Object.openSync (node:fs:573:18) {
  errno: -2,
  [cause]: Error: inner
}

Node.js v20.11.0
`;
const PYTHON = `Traceback (most recent call last):
  File "/plugins/weigh", line 3, in <module>
    raise ValueError("no quota")
ValueError: no quota
`;
const GO = `panic: no quota

goroutine 1 [running]:
main.main()
\t/tmp/x.go:4 +0x39
exit status 2
`;
const RUST = `thread 'main' panicked at src/main.rs:2:5:
no quota
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
`;

test.each([
  ['Node', NODE, 'ReferenceError: require is not defined in ES module scope, you can use import instead'],
  ['Node with properties', NODE_SYSTEM, "Error: ENOENT: no such file or directory, open '/quota'"],
  ['Python', PYTHON, 'ValueError: no quota'],
  ['Go', GO, 'panic: no quota'],
  ['Rust', RUST, 'no quota'],
  ['a shell', 'Error: the cache is cold, going on\nusage: weigh FILE\n', 'usage: weigh FILE'],
  ['boilerplate alone', 'Node.js v20.11.0\n', 'Node.js v20.11.0'],
  ['nothing', '', ''],
])('X19 the line that tells the reason: %s', (_, stderr, line) => {
  expect(failureLine(stderr)).toBe(line);
});
