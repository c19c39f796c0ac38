import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ApiNoun } from '../http/api-answers.js';
import { StorageDto } from './storage.dto.js';
import { StorageForecasts } from './storage.forecasts.js';

@ApiNoun('storage')
@Controller('v1/storage')
export class StorageController {
  constructor(private readonly storage: StorageForecasts) {}

  @Get()
  @ApiOperation({
    summary: 'How full every stream, table, cache and queue is, of how much, and until when',
    description:
      'Takes as long as there are things, however much they hold: rows are estimates of Postgres. A service that does not ' +
      'answer is named in `away`, and holds nothing up.',
  })
  @ApiOkResponse({ type: StorageDto })
  list(): Promise<StorageDto> {
    return this.storage.list();
  }
}
