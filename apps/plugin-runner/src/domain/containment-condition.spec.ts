import { describe, expect, it } from '@jest/globals';
import { containmentCondition, endpointCondition, type ContainmentFacts } from './containment-condition.js';

const FACTS: ContainmentFacts = {
  user: 'nobody',
  isUserItsOwn: true,
  network: false,
  hasControlGroups: true,
  boundsProcesses: true,
};

describe('P17 the status of a plugin tells what contains it and what does not', () => {
  it('in the sandbox', () => {
    const { type, message } = containmentCondition(FACTS);
    expect(type).toBe('Contained');
    expect(message).toMatch(
      /as the user nobody.*It has no network\. Not bounded: the memory of its processes together$/,
    );
    expect(containmentCondition({ ...FACTS, network: true, boundsProcesses: false }).message).toMatch(
      /It reaches the network.*together, and how many they are$/,
    );
  });

  it('without it', () => {
    const { type, message } = containmentCondition({ ...FACTS, noSandbox: 'bwrap is not installed' });
    expect(type).toBe('Uncontained');
    expect(message).toMatch(/\(bwrap is not installed\).*the keys of the site not among them; install/);
    const open = { ...FACTS, noSandbox: 'x', isUserItsOwn: false, hasControlGroups: false };
    expect(containmentCondition(open).message).toMatch(
      /its keys among them, and a process .* outlives the run; install/,
    );
  });
});

it('an endpoint is told with its place and what does not hold for it', () => {
  const condition = endpointCondition('https://plugins.example.net/run?token=hush');
  expect(condition).toMatchObject({ type: 'Uncontained', status: 'True', reason: 'endpoint' });
  expect(condition.message).toContain('https://plugins.example.net/run?token=***: what that reads');
});
