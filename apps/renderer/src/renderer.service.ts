import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { STREAMS } from '@signalbox/contracts';
import { GoneRows, Health } from '@signalbox/runtime';
import { partsProjection, Projector, ResourceBook, runsProjection } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { EndedSources } from './ended-sources.js';
import { Rendering } from './rendering.js';

/** Starts the renderer: projections, operator resources, model, then the journal. */
@Injectable()
export class RendererService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly book: ResourceBook;
  private projector: Projector | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly rendering: Rendering,
    gone: GoneRows,
    health: Health,
  ) {
    this.book = new ResourceBook('renderer', bus, dataSource);
    gone.listen('parts', new EndedSources(rendering));
    health.register('renderer', () => (rendering.isReady ? undefined : 'catching up with the records'));
  }

  async onApplicationBootstrap(): Promise<void> {
    this.projector = await Projector.start(this.bus, this.dataSource, [partsProjection, runsProjection]);
    await this.projector.caughtUp;
    await this.book.load();
    let isStarted = false;
    this.book.follow(async (revision, changeset) => {
      const appended = await this.rendering.applyChangeset(revision, changeset);
      if (isStarted) this.book.mark(revision, appended && { stream: STREAMS.activity, ...appended });
    });
    // the table may be behind the journal: what runs proposed is judged by all that was declared before
    await this.book.caughtUp();
    await this.rendering.start(this.book);
    isStarted = true;
    this.book.mark(this.book.revision);
  }

  async onApplicationShutdown(): Promise<void> {
    // together: a changeset in work may wait for records, which a server that hangs never takes
    await Promise.all([this.book.stop(), this.rendering.stop()]);
    await this.projector?.stop();
  }
}
