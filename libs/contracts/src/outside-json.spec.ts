import { describe, expect, it } from '@jest/globals';
import { CodedError } from './errors.js';
import { outsideJson } from './outside-json.js';

function refusal(bytes: Uint8Array | string): CodedError {
  try {
    outsideJson(Buffer.from(bytes), 'the body');
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('outsideJson', () => {
  it('reads JSON, with names such as __proto__ as plain members', () => {
    const text = '{"__proto__":{"a":1},"constructor":"c","toString":null,"hasOwnProperty":[]}';
    const value = outsideJson(Buffer.from(text), 'the body') as object;
    expect(JSON.stringify(value)).toBe(text);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it.each([
    ['{"id":"d","subject":"x","subject":"y"}', 'subject', 'the outermost object', '/subject'],
    ['{"payload":{"a":"1","b":"2","a":"3"}}', 'a', 'the object at /payload', '/payload/a'],
    [
      '[{"id":"a"},{"id":"b","payload":{"k":"1","\\u006b":"2"}}]',
      'k',
      'the object at /1/payload',
      '/1/payload/k',
    ],
    ['{"a/b":[0,"}{",{"~":{"":1,"":2}}]}', '', 'the object at /a~1b/2/~0', '/a~1b/2/~0/'],
    ['{"__proto__":1,"__proto__":1}', '__proto__', 'the outermost object', '/__proto__'],
    ['{"a":{"b":1},"c":{"b":1},"a" \\n:2}'.replace('\\n', '\n'), 'a', 'the outermost object', '/a'],
  ])('X3 refuses %s with the key and its place', (text, key, place, pointer) => {
    const { code, message, errors } = refusal(text);
    expect(code).toBe('bad-json');
    expect(message).toContain(`the key ${JSON.stringify(key)} is given twice in ${place}`);
    expect(errors).toEqual([{ pointer, message: 'is given twice in one object' }]);
  });

  it('X2 refuses what is not UTF-8 with the offset, and tells UTF-16', () => {
    const bytes = Buffer.concat([Buffer.from('{"subject":"'), Buffer.from([0xe9]), Buffer.from('"}')]);
    expect(refusal(bytes)).toMatchObject({ code: 'bad-text', message: expect.stringContaining('offset 12') });
    expect(refusal(Buffer.from('{"a":1}', 'utf16le'))).toMatchObject({
      code: 'bad-text',
      message: expect.stringContaining('UTF-16'),
    });
  });

  it.each(['', ' \n', '{', '{"a":1} x', "{'a':1}", '\u0000'])('refuses %j', (text) => {
    expect(refusal(text).code).toBe('bad-json');
  });
});
