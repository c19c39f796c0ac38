import { hexBytes } from '@signalbox/contracts';
import type { Attempt } from './attempt.js';
import { askByDatagram } from './datagram.js';
import type { ProbeTarget } from './probe.js';

/** Sends one datagram and judges the first answer. */
export function probeUdp(target: ProbeTarget, attempt: Attempt): void {
  const { params } = target;
  const sent = bytesOf(params.send, params.sendHex) ?? Buffer.alloc(0);
  askByDatagram(target, attempt, sent, (answer) => judge(answer, params, attempt));
}

function judge(answer: Buffer, { expect, expectHex }: ProbeTarget['params'], attempt: Attempt): void {
  const expected = bytesOf(expect, expectHex);
  if (expected && !answer.includes(expected)) {
    const what = expect ?? `the bytes ${expected.toString('hex')}`;
    return attempt.fail('L7RSP', `the answer does not contain ${what}`);
  }
  attempt.pass('L7OK', `${answer.length} bytes answered`);
}

/** What a param says, whichever way it says it. */
function bytesOf(text: string | undefined, hex: string | undefined): Buffer | undefined {
  if (hex !== undefined) return hexBytes(hex);
  return text === undefined ? undefined : Buffer.from(text);
}
