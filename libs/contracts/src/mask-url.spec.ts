import { describe, expect, it } from '@jest/globals';
import { maskUrl } from './mask-url.js';

describe('X22 maskUrl', () => {
  it.each([
    ['nats://127.0.0.1:4222', 'nats://127.0.0.1:4222'],
    ['nats://alice:s3cret@a:4222', 'nats://alice:***@a:4222'],
    ['nats://s3cret@a', 'nats://***@a'],
    ['tls://alice:s3cret@a,tls://b,tls://alice:s3cret@c:1', 'tls://alice:***@a,tls://b,tls://alice:***@c:1'],
    ['nats://alice:s3/cr?et@a:4222', 'nats://alice:***@a:4222'],
    ['nats://alice:s3@cret@a:4222', 'nats://alice:***@a:4222'],
    ['alice:s3cret@a:4222', 'alice:***@a:4222'],
    ['postgres://signalbox@db:5432/signalbox', 'postgres://signalbox@db:5432/signalbox'],
    ['postgres://signalbox:s3cret@db/signalbox', 'postgres://signalbox:***@db/signalbox'],
    ['postgres://db/signalbox?user=a&password=s3cret&x=1', 'postgres://db/signalbox?user=a&password=***&x=1'],
    ['', ''],
  ])('shows %s as %s', (url, shown) => expect(maskUrl(url)).toBe(shown));
});
