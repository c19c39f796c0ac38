import { describe, expect, it } from '@jest/globals';
import { checkSet } from '../../references.js';
import { keyOf, refOf, type Resource } from '../../resource.js';
import { ownConditions } from '../registry.js';
import { sample, wrongFields } from '../sample-resources.fixture.js';

function webhook(webhook: object): Resource {
  return sample('ConfigSink', { spec: { file: null, webhook } });
}

function wrongOf(fields: object): string[] {
  return wrongFields('ConfigSink', { spec: { file: null, webhook: fields } });
}

describe('a webhook of a ConfigSink', () => {
  it.each([
    'http://127.0.0.1:8080/',
    'http://127.9.9.9',
    'http://[::1]:80',
    'http://localhost/',
    'https://10.0.0.1',
  ])('goes to %s just so', (url) => {
    expect([wrongOf({ url }), ownConditions(webhook({ url }))]).toEqual([[], []]);
    expect(wrongOf({ url, plaintext: true })).toEqual(['/spec/webhook/plaintext']);
  });

  it.each(['http://10.0.0.1/', 'http://hooks.example.net', 'http://127.0.0.1.example.net', 'http://[::2]'])(
    'goes to %s only when that is said to be intended, and this is told',
    (url) => {
      for (const plaintext of [{}, { plaintext: false }])
        expect(wrongOf({ url, ...plaintext })).toEqual(['/spec/webhook/url']);
      expect(wrongOf({ url, plaintext: true })).toEqual([]);
      expect(ownConditions(webhook({ url, plaintext: true }))).toEqual([
        {
          type: 'Unprotected',
          status: 'True',
          reason: 'plain-http',
          pointer: '/spec/webhook/url',
          message: expect.stringContaining(url),
        },
      ]);
    },
  );

  it('has authorities of its own over https only', () => {
    const caFile = '/etc/signalbox/ca.pem';
    expect(wrongOf({ url: 'https://hooks.example.net', caFile })).toEqual([]);
    expect(wrongOf({ url: 'http://127.0.0.1', caFile })).toEqual(['/spec/webhook/caFile']);
    expect(wrongOf({ url: 'https://hooks.example.net', caFile: 'ca.pem' })).toEqual(['/spec/webhook/caFile']);
  });
});

describe('a place of ConfigSinks', () => {
  const sink = (name: string, target: object): Resource => {
    const natsKv = 'natsKv' in target && { template: null, format: null };
    return sample('ConfigSink', { metadata: { name }, spec: { file: null, ...natsKv, ...target } });
  };
  const file = (path: string): object => ({ file: { path } });
  const bucket = (name: string, prefix?: string): object => ({ natsKv: { bucket: name, prefix } });

  /** Errors of sinks `a`, `b` … of which all, or some, were touched. */
  function errorsOf(targets: readonly object[], touched?: readonly number[]): string[] {
    const sinks = targets.map((target, at) => sink('abc'[at]!, target));
    const set = new Map(sinks.map((one) => [keyOf(one), one]));
    const refs = (touched ?? [...sinks.keys()]).map((at) => refOf(sinks[at]!));
    return checkSet(set, refs).flatMap(({ ref, errors }) =>
      errors.map(({ pointer, message }) => `${ref.name} ${pointer} ${message}`),
    );
  }

  it.each([
    ['a file', file('/sinks/x'), '/spec/file/path', '/sinks/x'],
    ['a bucket', bucket('edge'), '/spec/natsKv/bucket', 'edge'],
    ['a prefix of a bucket', bucket('edge', 'site.a'), '/spec/natsKv/prefix', 'edge/site.a'],
  ])('%s has one of them, whichever came first', (_what, target, pointer, place) => {
    const wrong = (one: string, two: string): string =>
      `${one} ${pointer} ConfigSink/${two} writes ${place} already: give one of them another place`;
    expect(errorsOf([target, target], [0])).toEqual([wrong('a', 'b')]);
    expect(errorsOf([target, target], [1])).toEqual([wrong('b', 'a')]);
    expect(errorsOf([target, target, target])).toEqual([wrong('a', 'b'), wrong('b', 'a'), wrong('c', 'a')]);
  });

  it('is another one by path, bucket or prefix, and a server may have many', () => {
    const server = { webhook: { url: 'https://hooks.example.net' } };
    expect(errorsOf([file('/sinks/x'), file('/sinks/y')])).toEqual([]);
    expect(errorsOf([bucket('edge'), bucket('edge', 'a'), bucket('other', 'a')])).toEqual([]);
    expect(errorsOf([bucket('edge', 'a'), bucket('edge', 'a.b'), bucket('edge', 'b')])).toEqual([]);
    expect(errorsOf([server, server])).toEqual([]);
  });

  it('that two have since before does not keep others from being changed', () => {
    expect(errorsOf([file('/sinks/x'), file('/sinks/x'), file('/sinks/y')], [2])).toEqual([]);
  });
});
