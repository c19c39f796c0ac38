import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Bus, getLast, WrongSequenceError } from '@signalbox/bus';
import {
  type Changeset,
  COMMAND_WAIT_MS,
  FEDERATION_API,
  formatTime,
  STREAMS,
  SUBJECTS,
  validateResource,
} from '@signalbox/contracts';
import { Clock, createToken, SITE_CONFIG, type SiteConfig, TokenBook } from '@signalbox/runtime';
import { OperatorResources } from '../operator-resources.js';
import { ContextFile } from './context-file.js';

const POLL_MS = 5;

/** Gives a new site its first group and its first token (architecture section 7). Does nothing on later starts. */
@Injectable()
export class FirstStart {
  constructor(
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly resources: OperatorResources,
    private readonly tokens: TokenBook,
    private readonly contextFile: ContextFile,
  ) {}

  async run(): Promise<void> {
    await this.declareGroup();
    await this.createToken();
  }

  private async declareGroup(): Promise<void> {
    if (await getLast(this.bus, STREAMS.journal, SUBJECTS.resources)) return;
    const resource = validateResource({
      apiVersion: FEDERATION_API,
      kind: 'EventGroup',
      metadata: { name: 'default' },
      spec: { nodeName: this.config.nodeName },
    });
    const changeset: Changeset = {
      author: 'signalbox',
      message: 'first start',
      at: formatTime(this.clock.now()),
      changes: [{ op: 'put', resource }],
    };
    const seq = await this.appendFirst(SUBJECTS.resources, changeset);
    if (seq !== undefined) await this.resources.reached(seq, COMMAND_WAIT_MS);
  }

  private async createToken(): Promise<void> {
    if (!this.tokens.isEmpty) return this.settleProposed();
    const { token, record } = createToken({ name: 'first-start', role: 'admin' }, this.clock.now());
    this.contextFile.propose(token);
    if ((await this.appendFirst(SUBJECTS.token, record)) === undefined) return this.contextFile.drop();
    this.contextFile.keep();
    await this.isValid(token);
    // a log, where this goes without a terminal, is no place for it
    const shown = process.stdout.isTTY ? `: ${token}` : '';
    process.stdout.write(`admin token${shown} (kept in ${this.contextFile.path})\n`);
  }

  /** An earlier start may have ended between writing a token down and hearing that the journal has it. */
  private settleProposed(): void {
    const token = this.contextFile.proposedToken;
    if (token !== undefined && this.tokens.find(token)) this.contextFile.keep();
    else this.contextFile.drop();
  }

  /** Sequence of the first message of a subject, or undefined when another process was first. */
  private async appendFirst(subject: string, record: object): Promise<number | undefined> {
    try {
      const options = { msgId: randomUUID(), expectLastSubjectSeq: 0 };
      return (await this.bus.publisher.publishJson(subject, record, options)).seq;
    } catch (error) {
      if (error instanceof WrongSequenceError) return undefined;
      throw error;
    }
  }

  /** Nobody shall hear of a token that is not accepted yet. */
  private async isValid(token: string): Promise<void> {
    const deadline = performance.now() + COMMAND_WAIT_MS;
    while (!this.tokens.find(token) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
