import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CodedError } from './errors.js';
import { fillVariables } from './variables.js';

describe('fillVariables', () => {
  it('fills every ${name} with its text', () => {
    const text = 'port: ${listenPort}\nexecutable: ${pluginDir}/run\nagain: ${listenPort}';
    expect(fillVariables(text, { listenPort: '8787', pluginDir: '/opt' })).toBe(
      'port: 8787\nexecutable: /opt/run\nagain: 8787',
    );
  });

  it('keeps $${ as a literal ${', () => {
    expect(fillVariables('a: $${b} $$$${c}', {})).toBe('a: ${b} $$${c}');
  });

  it('leaves alone what is no variable', () => {
    const text = '$a ${} ${1a} ${a-b} ${ a } $';
    expect(fillVariables(text, {})).toBe(text);
  });

  it('does not look at values again', () => {
    expect(fillVariables('${a}', { a: '${b} $& $1 $${c}' })).toBe('${b} $& $1 $${c}');
  });

  it('lists every unfilled name once, with what to do', () => {
    const act = () => fillVariables('${peerUrl} ${a} ${peerUrl} ${constructor} ${__proto__}', { a: '' });
    expect(act).toThrow(CodedError);
    expect(act).toThrow(
      'no value for ${peerUrl}, ${constructor}: add --var peerUrl=value --var constructor=value',
    );
  });

  it('changes no text without $', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('$')),
        (text) => expect(fillVariables(text, {})).toBe(text),
      ),
    );
  });
});
