import { describe, expect, it } from '@jest/globals';
import { refuseForeignBody, refuseForeignHeaders, refuseStoreHeaders } from './foreign-envelope.js';

const code = (wanted: string, message: string): object =>
  expect.objectContaining({ code: wanted, message: expect.stringContaining(message) });

describe('X25 foreign envelopes', () => {
  it.each([
    ['a CloudEvent', { specversion: '1.0', id: 'a', source: '/s', type: 'a.b', data: { k: 'v' } }],
    ['Amazon EventBridge', { 'detail-type': 'x', source: 's', detail: {} }],
    ['Amazon SNS', { Type: 'Notification', TopicArn: 'arn', Message: '{}' }],
    ['Azure Event Grid', { id: 'a', eventType: 't', eventTime: '', data: {}, subject: 's' }],
    ['Google Pub/Sub', { message: { data: '' }, subscription: 's' }],
    ['Alertmanager', { receiver: 'r', status: 'firing', alerts: [] }],
    ['a resource', { apiVersion: 'v1', kind: 'Event', metadata: {} }],
  ])('X25 names %s', (name, body) => {
    expect(() => refuseForeignBody(body)).toThrow(code('unsupported-envelope', name));
  });

  it.each([
    {},
    { id: 'a', payload: { specversion: '1.0' } },
    [],
    null,
    'specversion',
    { data: 1 },
    Object.create({ specversion: 1 }),
  ])('leaves other bodies to the grammar: %j', (body) => {
    expect(() => refuseForeignBody(body)).not.toThrow();
  });

  it.each([
    ['cloudEvents:type', 'a'],
    ['cloudEvents_id', 'a'],
  ])('X25 refuses the header %s: %s', (...header) => {
    expect(() => refuseForeignHeaders([['traceparent', '00'], header])).toThrow(
      code('unsupported-envelope', header[0]),
    );
  });

  it('leaves other headers alone', () => {
    const headers = [
      ['Content-Type', 'application/json'],
      ['Nats-Msg-Id', '1'],
      ['cell', 'x'],
    ] as const;
    expect(() => refuseForeignHeaders(headers)).not.toThrow();
  });
});

describe('X26 headers that ask NATS for something', () => {
  it.each(['Nats-Rollup', 'Nats-TTL', 'Nats-Schedule-TTL', 'Nats-Incr'])(
    'X26 refuses %s by both ways',
    (name) => {
      for (const way of ['request', 'pub'] as const)
        expect(() => refuseStoreHeaders([[name, '1']], way)).toThrow(code('bad-grammar', name));
    },
  );

  it.each(['Nats-Msg-Id', 'Nats-Expected-Stream', 'Nats-Expected-Last-Sequence'])(
    'X26 refuses %s by request, where nothing is stored by it; by pub the server has obeyed it',
    (name) => {
      expect(() => refuseStoreHeaders([[name, '1']], 'request')).toThrow(code('bad-grammar', name));
      expect(() => refuseStoreHeaders([[name, '1']], 'pub')).not.toThrow();
    },
  );

  it('leaves other headers alone', () => {
    expect(() =>
      refuseStoreHeaders(
        [
          ['Nats-Trace-Dest', 'x'],
          ['a', 'b'],
        ],
        'request',
      ),
    ).not.toThrow();
  });
});
