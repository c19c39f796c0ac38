import { Injectable } from '@nestjs/common';
import { nodesOf, type ResourceRef, SINGLETON_NAME } from '@signalbox/contracts';
import { FrontendBook, NODE_KINDS } from './frontend-book.js';
import { FrontendInputs } from './frontend-inputs.js';
import { FrontendRecords } from './frontend-records.js';
import { NodeStates } from './node-states.js';
import { ANNOUNCE_KINDS, NodeVips } from './node-vips.js';
import { NodeWriter } from './node-writer.js';

/** What nodes follow from: the effective config once every record that follows from it is stored, and these records. */
@Injectable()
export class NodeInputs {
  constructor(
    private readonly frontends: FrontendBook,
    private readonly inputs: FrontendInputs,
    private readonly records: FrontendRecords,
    private readonly states: NodeStates,
    private readonly vips: NodeVips,
    private readonly writer: NodeWriter,
  ) {}

  /** Takes over what there is, and follows; call it when everything was decided once. */
  async start(): Promise<void> {
    this.records.onStored((name, memory) => {
      this.states.takeTargets(name, memory);
      this.writer.mark([name]);
    });
    this.inputs.onConfig((names, changed) => this.follow(names, changed));
    this.takeNodes();
    this.vips.take(this.frontends.book);
    for (const model of this.frontends.models()) this.states.takeModel(model.name, model);
    await this.writer.start();
  }

  async stop(): Promise<void> {
    this.vips.stop();
    await this.writer.stop();
  }

  private follow(names: ReadonlySet<string>, changed: readonly ResourceRef[]): void {
    const moved = [...names].filter((name) => this.states.takeModel(name, this.frontends.modelOf(name)));
    this.writer.mark([...names]);
    const areVipsChanged = changed.some(({ kind }) => ANNOUNCE_KINDS.includes(kind));
    if (areVipsChanged) this.vips.take(this.frontends.book);
    if (areVipsChanged || moved.length > 0) this.writer.vipsChanged();
    if (!changed.some(({ kind }) => NODE_KINDS.includes(kind))) return;
    this.takeNodes();
    this.writer.nodesChanged();
  }

  private takeNodes(): void {
    const { book } = this.frontends;
    this.states.takeNodes(nodesOf(book.all('Node'), book.get('VppDataPlane', SINGLETON_NAME)));
  }
}
