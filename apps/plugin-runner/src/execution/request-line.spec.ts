import { expect, test } from '@jest/globals';
import type { PluginRequest } from '@signalbox/contracts';
import { requestLine } from './request-line.js';

test('a request is one line for every kind of line reader, and the same document', () => {
  const request = { metadata: { name: 'a\n\r\u000b\u000c\u001c\u0085\u2028\u2029é€😀' } } as PluginRequest;
  const line = requestLine(request);
  expect(line.match(/[\n\r\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]/g)).toEqual(['\n']);
  expect(line.endsWith('\n')).toBe(true);
  expect(JSON.parse(line)).toEqual(request);
});
