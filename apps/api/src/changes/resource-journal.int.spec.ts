import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Ack, Publisher, type PublishOptions, WrongSequenceError } from '@signalbox/bus';
import { BOUNDS, type Changeset, CodedError, type Resource, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { planChangeset } from '../domain/plan-changeset.js';
import { OperatorResources } from '../operator-resources.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { thing } from '../testing/documents.fixture.js';
import { APPEND_ATTEMPTS, type Decide, ResourceJournal } from './resource-journal.js';

const START_MS = 300_000;
const BY = { author: 'test', message: '' };

describe('ResourceJournal', () => {
  let site: ApiSite;
  let journal: ResourceJournal;
  let resources: OperatorResources;
  const resource = (name: string, x = 1): Resource => JSON.parse(thing(name, x)) as Resource;
  const putting =
    (name: string, x = 1): Decide =>
    (standing) =>
      planChangeset(standing, [{ resources: [{ resource: resource(name, x), pointer: '/0' }] }]);
  const lastSeq = async (): Promise<number> =>
    (await site.bus.manager.streams.info(STREAMS.journal)).state.last_seq;

  /** Another process writes between the decision and our append: it is first on the same connection. */
  const overtaken = (
    decide: Decide,
    name: string,
    times: number,
  ): { decide: Decide; calls: () => number } => {
    let calls = 0;
    const overtake: Decide = (standing, revision) => {
      const plan = decide(standing, revision);
      calls += 1;
      if (calls <= times) {
        const changes: Changeset['changes'] = [{ op: 'put', resource: resource(name, 1000 + calls) }];
        const changeset: Changeset = { ...BY, author: 'other', at: '2026-01-01T00:00:00.000Z', changes };
        void site.bus.publisher.publishJson(SUBJECTS.resources, changeset, { msgId: randomUUID() });
      }
      return plan;
    };
    return { decide: overtake, calls: () => calls };
  };

  beforeAll(async () => {
    site = await ApiSite.create();
    await site.boot();
    journal = site.services.app.get(ResourceJournal);
    resources = site.services.app.get(OperatorResources);
  }, START_MS);
  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => site.destroy(), START_MS);

  it('has its own revision in the book when it answers', async () => {
    const { revision } = await journal.append(putting('own'), BY);
    expect(resources.revision).toBe(revision);
  });

  it('decides again when another process wrote something else', async () => {
    const { decide, calls } = overtaken(putting('mine'), 'theirs', 2);
    const result = await journal.append(decide, BY);
    expect(result).toMatchObject({ appended: true, revision: await lastSeq() });
    expect(calls()).toBe(3);
  });

  it('refuses when another process changed the same resource', async () => {
    const { decide } = overtaken(putting('contended'), 'contended', 1);
    await expect(journal.append(decide, BY)).rejects.toMatchObject({ code: 'revision-conflict' });
    expect(
      [...resources.standing.values()].find((one) => one.resource.metadata.name === 'contended'),
    ).toMatchObject({
      resource: { spec: { x: 1001 } },
    });
  });

  it('gives up when others are always faster', async () => {
    const { decide, calls } = overtaken(putting('slow'), 'fast', Number.POSITIVE_INFINITY);
    await expect(journal.append(decide, BY)).rejects.toMatchObject({ code: 'revision-conflict' });
    expect(calls()).toBe(APPEND_ATTEMPTS);
  });

  it.each([
    ['the server knows the message by its id', undefined],
    ['the server looks at the sequence first', new WrongSequenceError(SUBJECTS.resources)],
  ])('knows its own message when the ack got lost: %s', async (_what, secondAnswer) => {
    const before = await lastSeq();
    const publish = Publisher.prototype.publish;
    const spy = jest.spyOn(Publisher.prototype, 'publish');
    spy.mockImplementationOnce(async function (
      this: Publisher,
      ...args: [string, Uint8Array, PublishOptions?]
    ) {
      await publish.apply(this, args);
      throw new CodedError('nats-unavailable', 'the ack got lost');
    });
    if (secondAnswer) spy.mockImplementationOnce((): Promise<Ack> => Promise.reject(secondAnswer));

    const result = await journal.append(putting('once', before), BY);
    expect(result).toMatchObject({ appended: true, revision: before + 1 });
    expect(await lastSeq()).toBe(before + 1);
  });

  it('takes its turn, and no more requests than may wait', async () => {
    const before = await lastSeq();
    const running = Array.from({ length: BOUNDS.changesInLine }, (_, i) =>
      journal.append(putting(`turn${i}`), BY),
    );
    await expect(journal.append(putting('too many'), BY)).rejects.toMatchObject({ code: 'not-ready' });
    const revisions = (await Promise.all(running)).map(({ revision }) => revision);
    expect(revisions).toEqual(Array.from({ length: BOUNDS.changesInLine }, (_, i) => before + 1 + i));
  });
});
