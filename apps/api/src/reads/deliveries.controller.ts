import { Controller, Get } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { Page } from '../domain/cursor.js';
import { ApiNoun, ApiPage } from '../http/api-answers.js';
import { ValidQuery } from '../http/valid-query.js';
import { DeliveriesQuery, DeliveryItemDto } from './deliveries.dto.js';
import { DeliveriesReader } from './deliveries.reader.js';

@ApiNoun('deliveries')
@Controller('v1/deliveries')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesReader) {}

  @Get()
  @ApiOperation({ summary: 'Deliveries to peers: those never tried, then last attempt first' })
  @ApiPage(DeliveryItemDto)
  list(@ValidQuery() query: DeliveriesQuery): Promise<Page<DeliveryItemDto>> {
    return this.deliveries.list(query);
  }
}
