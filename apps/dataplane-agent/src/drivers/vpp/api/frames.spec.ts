import fc from 'fast-check';
import { frame, FrameSplitter, MOST_MESSAGE_BYTES } from './frames.js';

describe('a stream of messages', () => {
  it('is cut into the same messages wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 2, maxLength: 40 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 30 }),
        (messages, cuts) => {
          const stream = Buffer.concat(messages.map((message) => frame(Buffer.from(message))));
          const splitter = new FrameSplitter();
          const came: Buffer[] = [];
          for (let at = 0, turn = 0; at < stream.length; turn += 1) {
            const length = cuts[turn % cuts.length] ?? 1;
            came.push(...splitter.push(stream.subarray(at, at + length)));
            at += length;
          }
          expect(came.map((message) => message.toString('hex'))).toEqual(
            messages.map((message) => Buffer.from(message).toString('hex')),
          );
        },
      ),
    );
  });

  it.each([0, 1, MOST_MESSAGE_BYTES + 1, 0xffff_ffff])('is over with a message of %d bytes', (length) => {
    const header = Buffer.alloc(16);
    header.writeUInt32BE(length, 8);
    expect(() => new FrameSplitter().push(header)).toThrow(
      /VPP sent a message of \d+ bytes; they have 2 to 33554432/,
    );
  });
});
