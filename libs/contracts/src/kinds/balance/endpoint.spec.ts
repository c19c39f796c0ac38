import { expect, it } from '@jest/globals';
import { endpointOf, endpointText, isSameEndpoint } from './endpoint.js';

it.each([
  [{ address: '192.0.2.1' }, '192.0.2.1'],
  [{ address: '192.0.2.1', port: 8080 }, '192.0.2.1:8080'],
  [{ address: '2001:DB8:0::1' }, '2001:db8::1'],
  [{ address: '2001:DB8:0::1', port: 443 }, '[2001:db8::1]:443'],
])('%j is written as %s', (endpoint, text) => {
  expect(endpointText(endpoint)).toBe(text);
});

it('an endpoint is the same under every spelling of its address, and not on another port', () => {
  const one = { address: '2001:db8::1', port: 443 };
  expect(isSameEndpoint(one, { address: '2001:DB8:0:0::1', port: 443 })).toBe(true);
  expect(isSameEndpoint(one, { address: '2001:db8::1', port: 444 })).toBe(false);
  expect(isSameEndpoint(one, { address: '2001:db8::1' })).toBe(false);
  expect(isSameEndpoint(one, { address: '2001:db8::2', port: 443 })).toBe(false);
});

it('leaves out what else is there', () => {
  const backend = { address: '192.0.2.1', port: 80, healthcheck: 'web' };
  expect(endpointOf(backend)).toEqual({ address: '192.0.2.1', port: 80 });
  expect(Object.keys(endpointOf({ address: '192.0.2.1' }))).toEqual(['address']);
});
