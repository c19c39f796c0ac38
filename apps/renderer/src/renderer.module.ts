import { Module } from '@nestjs/common';
import type { Service } from '@signalbox/runtime';
import { ModelStore } from './model-store.js';
import { RecordWriter } from './record-writer.js';
import { RendererService } from './renderer.service.js';
import { Rendering } from './rendering.js';

@Module({ providers: [RendererService, Rendering, ModelStore, RecordWriter] })
export class RendererModule {}

export const RENDERER: Service = { name: 'renderer', module: RendererModule };
