import { ApiProperty } from '@nestjs/swagger';
import { ListFilter } from '../http/list-filter.js';
import { ProjectFilter } from '../http/project.query.js';
import { TextFilter } from '../http/text-filter.js';
import { DEFAULT_KINDS, STREAM_KINDS, type StreamKind } from './stream-kinds.js';

export class StreamQuery {
  @ListFilter(`What to tell about, default ${DEFAULT_KINDS.join(', ')}.`, STREAM_KINDS) kind?: StreamKind[];
  @ListFilter('Names of what to tell about, default all.') name?: string[];
  @ProjectFilter('Project; when left out all of them, or `default` with a name.') project?: string;
  @TextFilter('Group, of facts and of deliveries; default all.') group?: string;
  @TextFilter('In place of the header `Last-Event-ID`, which a new `EventSource` of a browser cannot send.')
  lastEventId?: string;
  @TextFilter('In place of a token: from `POST /v1/stream-tickets`.') ticket?: string;
}

export class StreamTicketDto {
  @ApiProperty({ description: 'For one `GET /v1/stream?ticket=`, with the rights of who asked for it.' })
  ticket: string;
  @ApiProperty({ description: 'It has to be used before.' }) expiresAt: string;
}
