import { BrokenResponse } from './broken-response.js';

/** `grpc.health.v1.HealthCheckResponse.ServingStatus`, by number. */
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

const PREFIX_BYTES = 5;

/** A `HealthCheckRequest` {string service = 1} as one gRPC message: flag, length, protobuf. */
export function checkRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  const message = name.length === 0 ? name : Buffer.concat([varint((1 << 3) | 2), varint(name.length), name]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The status in the one message of an answer, {ServingStatus status = 1}. Throws {@link BrokenResponse}. */
export function servingStatus(answer: Buffer): string {
  if (answer.length < PREFIX_BYTES) throw new BrokenResponse('no whole gRPC message');
  if (answer[0] !== 0) throw new BrokenResponse('the gRPC message is compressed');
  const message = answer.subarray(PREFIX_BYTES);
  if (message.length !== answer.readUInt32BE(1))
    throw new BrokenResponse('the gRPC message has another length');
  const status = statusField(message);
  return STATUSES[status] ?? `status ${status}`;
}

/** The last value of field 1, absent = 0; fields of later versions are passed over. */
function statusField(message: Buffer): number {
  const reader = new Fields(message);
  let status = 0;
  while (!reader.isAtEnd) {
    const key = reader.varint();
    if (key === ((1 << 3) | 0)) status = reader.varint();
    else reader.skip(key & 7);
  }
  return status;
}

/** Protobuf wire format, as far as it is needed here. */
class Fields {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new BrokenResponse('the gRPC message is not protobuf');
  }

  skip(wireType: number): void {
    if (wireType === 0) {
      this.varint();
      return;
    }
    // Apart from the sum: reading a length moves `at` as well.
    const length = this.lengthOf(wireType);
    this.at += length;
    if (this.at > this.bytes.length) throw new BrokenResponse('the gRPC message is not protobuf');
  }

  private lengthOf(wireType: number): number {
    if (wireType === 1) return 8;
    if (wireType === 2) return this.varint();
    if (wireType === 5) return 4;
    throw new BrokenResponse('the gRPC message is not protobuf');
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
