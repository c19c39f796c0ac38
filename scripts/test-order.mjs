import { readFileSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';
import { spread } from './spread.mjs';

/** Such a suite is run by a process of its own, in network namespaces, and mostly waits for it. */
const RUNS_ELSEWHERE = /^(?:if .*)?await describe\w*\(/m;

/** A third of the suites, the longest files, takes most of the time. */
const LONG_PART = 3;

/**
 * Order of suites: as jest would have it, long files first, but for those that run elsewhere. They are a line or two, would all come last, and
 * take minutes; spread over the long ones they wait while others work.
 */
export default class TestOrder extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const waiting = sorted.filter(({ path }) => RUNS_ELSEWHERE.test(readFileSync(path, 'utf8')));
    const others = sorted.filter((test) => !waiting.includes(test));
    const long = Math.ceil(others.length / LONG_PART);
    return [...spread(others.slice(0, long), waiting), ...others.slice(long)];
  }
}
