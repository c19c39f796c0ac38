import { ListFilter } from '../../http/list-filter.js';
import { STREAM_KINDS, type StreamKind } from './stream-event.js';

export class StreamQuery {
  @ListFilter('What to tell about, default all.', STREAM_KINDS) kind?: StreamKind[];
  @ListFilter('Backends and frontends to tell about, default all.') name?: string[];
}
