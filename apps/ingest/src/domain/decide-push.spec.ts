import { describe, expect, it } from '@jest/globals';
import { decidePush, type PushRules } from './decide-push.js';

const NOW_MS = Date.parse('2026-05-30T12:00:00Z');
const RULES: PushRules = { group: 'cloudedge', nodeName: 'hub', members: [] };
const EVENT = {
  id: 'evt-1',
  group: 'cloudedge',
  sourceNode: 'onprem',
  type: 'client.observed',
  subject: '10.0.0.1/32',
  payload: { a: 'b' },
  observedAt: '2026-05-30T11:59:00Z',
};

function decide(change: object | string, rules: Partial<PushRules> = {}): string {
  const text = typeof change === 'string' ? change : JSON.stringify({ ...EVENT, ...change });
  const { event, refusal } = decidePush(Buffer.from(text), { ...RULES, ...rules }, NOW_MS);
  if (event) return `take ${event.id} of ${event.sourceNode}`;
  return [refusal.status, refusal.code, refusal.reason, ...(refusal.text ? [refusal.text] : [])].join(' | ');
}

describe('decidePush', () => {
  it('takes an event of the group', () => {
    expect(decide({})).toBe('take evt-1 of onprem');
    expect(decide({ id: ' evt-1 ', sourceNode: ' onprem\n', unknown: [1] })).toBe('take evt-1 of onprem');
  });

  it.each([
    'not json',
    '',
    '[]',
    'null',
    '"evt"',
    '{"id": 5, "group": "cloudedge", "type": "a"}',
    '{"id": "1", "group": "cloudedge", "type": "a", "payload": {"k": 1}}',
    '{"id": "1", "group": "cloudedge", "type": "a", "payload": ["k"]}',
  ])('T10 says "bad event body" to %s', (text) => {
    expect(decide(text)).toBe('400 | bad-json | bad_body | bad event body');
  });

  it('X3 refuses a body that gives a key twice, with our answer: Go would keep the last', () => {
    const text = JSON.stringify(EVENT).replace('"subject":', '"subject":"x","subject":');
    const { refusal } = decidePush(Buffer.from(text), RULES, NOW_MS);
    expect(refusal).toMatchObject({
      status: 400,
      code: 'bad-json',
      message: expect.stringContaining('the key "subject" is given twice in the outermost object'),
    });
    expect(refusal).not.toHaveProperty('text');
  });

  it('X3 refuses a member that Go takes for another one by its letter case', () => {
    for (const name of ['Subject', 'SUBJECT', '\u017fubject', 'DedupeKey', 'dedupe\u212aey', 'PAYLOAD'])
      expect(decide({ [name]: 'x' })).toBe('400 | bad-grammar | bad-grammar');
    expect(decide({ Subjects: 'x', recordedAt: '' })).toBe('take evt-1 of onprem');
  });

  it('X2 refuses bytes that are not UTF-8, with our answer: Go would replace them', () => {
    const { refusal } = decidePush(
      Buffer.from(JSON.stringify({ ...EVENT, subject: 'é' }), 'latin1'),
      RULES,
      NOW_MS,
    );
    expect(refusal).toMatchObject({
      status: 400,
      code: 'bad-text',
      message: expect.stringContaining('offset'),
    });
    expect(refusal).not.toHaveProperty('text');
  });

  it('X7 takes payload keys that every object inherits', () => {
    const payload = '{"__proto__":"a","constructor":"b","toString":"c"}';
    const text = JSON.stringify({ ...EVENT, payload: 0 }).replace('"payload":0', `"payload":${payload}`);
    const { event } = decidePush(Buffer.from(text), RULES, NOW_MS);
    expect(JSON.stringify((event?.body as { payload: object }).payload)).toBe(payload);
  });

  it('T10 says what is missing', () => {
    for (const field of ['id', 'group', 'type']) {
      const said = `400 | bad-grammar | validation | invalid event: ${field} is required`;
      expect(decide({ [field]: undefined })).toBe(said);
      expect(decide({ [field]: '  ' })).toBe(said);
      expect(decide({ [field]: null })).toBe(said);
    }
  });

  it('T25 refuses a fact of another group', () => {
    expect(decide({ group: 'other' })).toBe('400 | group-mismatch | group-mismatch');
  });

  it('T26 refuses a fact without a source, in our name, or of somebody else', () => {
    expect(decide({ sourceNode: undefined })).toBe('400 | bad-grammar | bad-grammar');
    expect(decide({ sourceNode: ' hub ' })).toBe('400 | self-origin | self-origin');
    expect(decide({}, { members: ['cloud'] })).toBe('400 | not-a-member | not-a-member');
    expect(decide({}, { members: ['cloud', 'onprem'] })).toBe('take evt-1 of onprem');
  });

  it('refuses a fact strictly after its expiry; the zero time of Go means none', () => {
    expect(decide({ expiresAt: '2026-05-30T11:59:59.999999999Z' })).toBe('400 | expired | expired');
    expect(decide({ expiresAt: '2026-05-30T12:00:00Z' })).toBe('take evt-1 of onprem');
    expect(decide({ expiresAt: '0001-01-01T00:00:00Z' })).toBe('take evt-1 of onprem');
    expect(decide({ expiresAt: '' })).toBe('take evt-1 of onprem');
  });

  it('checks in the order of the specification', () => {
    const wrong = { group: 'other', sourceNode: 'hub', expiresAt: '2020-01-01T00:00:00Z' };
    expect(decide(wrong, { members: ['x'] })).toContain('group-mismatch');
    expect(decide({ ...wrong, group: 'cloudedge' }, { members: ['x'] })).toContain('self-origin');
  });

  it('cuts names that go into records', () => {
    const { refusal } = decidePush(
      Buffer.from(JSON.stringify({ ...EVENT, id: 'x'.repeat(900), group: 'o', sourceNode: 'y'.repeat(900) })),
      RULES,
      NOW_MS,
    );
    expect([refusal?.id.length, refusal?.sourceNode.length]).toEqual([200, 253]);
  });
});
