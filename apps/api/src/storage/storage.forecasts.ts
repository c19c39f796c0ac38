import { Injectable } from '@nestjs/common';
import type { StorageDto, StorageItemDto } from './storage.dto.js';
import { StorageReader } from './storage.reader.js';
import { StorageSampler } from './storage.sampler.js';

/** How full everything is, and when it will be full. */
@Injectable()
export class StorageForecasts {
  constructor(
    private readonly storage: StorageReader,
    private readonly sampler: StorageSampler,
  ) {}

  async list(): Promise<StorageDto> {
    const { items, away } = await this.storage.survey();
    return {
      away,
      items: items.map((item): StorageItemDto => {
        const { used, bound } = item;
        const share =
          used !== undefined && bound ? { usedPercent: Math.round((1000 * used) / bound) / 10 } : {};
        return { ...item, ...share, ...this.sampler.forecast(item) };
      }),
    };
  }
}
