import { Injectable } from '@nestjs/common';
import type { SinkCommandAnswer, SinkCommandRequest } from '@signalbox/contracts';
import { CommandChannel } from '../balance/command-channel.js';
import { Consequences } from '../changes/consequences.js';
import { operationId } from '../domain/operation-id.js';
import type { SinkDto } from './sinks.dto.js';
import { SinksReader } from './sinks.reader.js';

/** What an operator does to a sink at run time: `sinks` decides, the answer is readable everywhere. */
@Injectable()
export class SinkCommands {
  constructor(
    private readonly channel: CommandChannel,
    private readonly consequences: Consequences,
    private readonly sinks: SinksReader,
  ) {}

  /** The sink after the command; `pending` when not everyone has followed yet. Throws `not-found`, `not-ready`. */
  async run(
    command: 'pause' | 'resume',
    request: SinkCommandRequest,
  ): Promise<{ sink: SinkDto; pending: boolean; operation: string }> {
    const { seq, intentSeq } = await this.channel.send<SinkCommandAnswer>('sinks', command, request);
    const late = await this.consequences.ofSink(seq, intentSeq);
    const sink = await this.sinks.get(request.sink);
    return { sink, pending: late.length > 0, operation: operationId('sink', seq, intentSeq) };
  }
}
