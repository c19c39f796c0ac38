import { Module } from '@nestjs/common';
import type { Service } from '@signalbox/runtime';
import { DecidedPosition } from './decided-position.js';
import { ModelStore } from './model-store.js';
import { RendererService } from './renderer.service.js';
import { Rendering } from './rendering.js';

@Module({ providers: [RendererService, Rendering, ModelStore, DecidedPosition] })
export class RendererModule {}

export const RENDERER: Service = { name: 'renderer', module: RendererModule };
