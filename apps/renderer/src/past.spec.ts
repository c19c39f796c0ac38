import { describe, expect, it } from '@jest/globals';
import type { StreamMessage } from '@signalbox/bus';
import {
  type ConfigRecord,
  type RecordBatch,
  type RunRecord,
  STREAMS,
  SUBJECTS,
  subscriptionOwner,
} from '@signalbox/contracts';
import { ConfigModel } from './domain/config-model.js';
import { EMPTY_SNAPSHOT } from './domain/model-snapshot.js';
import { claim, RULES } from './domain/resources.fixture.js';
import { type EndedRun, proposalOfRun } from './domain/decide-proposal.js';
import { endedRun, lineage } from './domain/scenario.fixture.js';
import { Past } from './past.js';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

const NOW_MS = Date.parse('2026-05-30T12:00:00Z');
const OWNER = subscriptionOwner('claims');

function message(
  seq: number,
  subject: string,
  ...records: readonly (RunRecord | ConfigRecord)[]
): StreamMessage {
  const data = Buffer.from(JSON.stringify({ records }));
  return { stream: STREAMS.activity, seq, subject, data, time: NOW_MS };
}

/** One message with a proposal for each. */
function ended(seq: number, ...abouts: readonly string[]): StreamMessage {
  const runs = abouts.map((about) =>
    endedRun({ by: 'claims', about: [about], resources: [claim(about)] }, NOW_MS, `run-${seq}-${about}`),
  );
  return message(seq, SUBJECTS.executions, ...runs);
}

function withdrawn(seq: number, ...about: string[]): StreamMessage {
  const at = '2026-05-30T12:00:00.000Z';
  const lineages = about.length === 0 ? {} : { lineages: about.map(lineage) };
  const record: RunRecord = {
    type: 'withdrawn',
    at,
    owner: OWNER,
    dueAt: at,
    reason: 'rule gone',
    ...lineages,
  };
  return message(seq, SUBJECTS.withdrawals, record);
}

/** A past whose messages are folded, with the model they are folded into. */
class History {
  readonly model = new ConfigModel(EMPTY_SNAPSHOT, RULES);
  readonly past = new Past(this.model, 0, SILENT);

  fold(...messages: readonly StreamMessage[]): this {
    for (const one of messages) this.past.fold(one);
    return this;
  }

  /** The record with which a proposal was accepted, as it stands in the stream. */
  accepted(seq: number, proposal: StreamMessage, index = 0): StreamMessage {
    const { records } = JSON.parse(Buffer.from(proposal.data).toString()) as RecordBatch<EndedRun>;
    const cause = { stream: STREAMS.activity, seq: proposal.seq, index };
    const record = this.model.decideProposal(proposalOfRun(records[index]!)!, cause, NOW_MS);
    if (record?.type !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(record)}`);
    return message(seq, SUBJECTS.config, record);
  }

  /** Sources that a withdrawal would end now, as it is decided at the end of the past. */
  endedBy(seq: number): string[] {
    const [cause, record] = this.past.waiting.find(([at]) => at.seq === seq) ?? [];
    if (!cause || record?.type !== 'withdrawn') throw new Error(`no withdrawal waits at ${seq}`);
    return this.model.decideWithdrawal(record, cause, NOW_MS).map(({ source }) => source);
  }
}

describe('the past', () => {
  it('leaves to be decided what has no decision, in stream order', () => {
    const history = new History();
    const [first, second, third] = [ended(1, 'a'), ended(2, 'b'), ended(3, 'c')];
    history.fold(first, second, third, history.accepted(4, second));
    expect(history.past.waiting.map(([{ seq }]) => seq)).toEqual([1, 3]);
    expect(history.model.render()).toHaveLength(1);
  });

  it('tells the records of one message apart', () => {
    const history = new History();
    const proposals = ended(1, 'a', 'b', 'c');
    history.fold(proposals, history.accepted(2, proposals, 1));
    expect(history.past.waiting.map(([{ seq, index }]) => [seq, index])).toEqual([
      [1, 0],
      [1, 2],
    ]);
  });

  it('a withdrawal that is decided again ends what was proposed before it', () => {
    const history = new History();
    const before = ended(1, 'a');
    history.fold(before, history.accepted(2, before), withdrawn(3));
    expect(history.endedBy(3)).toHaveLength(1);
  });

  it('and not what was proposed after it, whenever that was accepted', () => {
    const history = new History();
    const [before, after] = [ended(1, 'a'), ended(4, 'b')];
    history.fold(before, history.accepted(2, before), withdrawn(3), after);
    history.fold(history.accepted(5, after));
    expect(history.endedBy(3)).toHaveLength(1);
    expect(history.model.render()).toHaveLength(2);
  });

  it('not even the same lineage, proposed anew after the withdrawal', () => {
    const history = new History();
    const [before, after] = [ended(1, 'a'), ended(4, 'a')];
    history.fold(before, history.accepted(2, before), withdrawn(3, 'a'), after);
    history.fold(history.accepted(5, after));
    expect(history.endedBy(3)).toEqual([]);
  });
});
