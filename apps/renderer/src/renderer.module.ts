import { Module } from '@nestjs/common';
import { SUBJECTS } from '@signalbox/contracts';
import { keptTables, type Service } from '@signalbox/runtime';
import type { Snapshotted } from '@signalbox/store';
import { DecidedPosition } from './decided-position.js';
import { ModelLoader } from './model-loader.js';
import { DECIDED, ModelStore } from './model-store.js';
import { RendererController } from './renderer.controller.js';
import { RendererService } from './renderer.service.js';
import { Rendering } from './rendering.js';
import { RendererUsage } from './renderer-usage.js';

/** How far proposals are decided: what is not must not go. */
const DECIDED_RUNS: Snapshotted = { name: DECIDED, filter: SUBJECTS.allRunActivity, tables: [] };

@Module({
  controllers: [RendererController, keptTables('renderer', [DECIDED_RUNS])],
  providers: [RendererService, Rendering, ModelLoader, ModelStore, DecidedPosition, RendererUsage],
})
export class RendererModule {}

export const RENDERER: Service = { name: 'renderer', module: RendererModule };
