import { stat } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { Clock } from '@signalbox/runtime';
import type { KeyFacts } from '../domain/doctor/machinery-checks.js';
import { OperatorResources } from '../operator-resources.js';
import { ContextFile } from '../start/context-file.js';

/** The files that hold secrets, by name only: nothing of them is read. */
@Injectable()
export class KeyFactsReader {
  constructor(
    private readonly resources: OperatorResources,
    private readonly context: ContextFile,
    private readonly clock: Clock,
  ) {}

  async read(): Promise<KeyFacts[]> {
    const files = this.resources.groups().flatMap(({ name, spec }) => {
      const path = spec.auth?.secretFile;
      return path === undefined ? [] : [{ path, purpose: `EventGroup/${name}` }];
    });
    const all = [...files, { path: this.context.path, purpose: 'token of the first context' }];
    return Promise.all(all.map((file) => this.look(file)));
  }

  private async look({ path, purpose }: Pick<KeyFacts, 'path' | 'purpose'>): Promise<KeyFacts> {
    try {
      const { mode, mtimeMs } = await stat(path);
      return { path, purpose, mode, ageMs: this.clock.now() - mtimeMs };
    } catch (error) {
      return { path, purpose, trouble: (error as NodeJS.ErrnoException).code ?? 'unknown' };
    }
  }
}
