import { ListFilter } from '../../http/list-filter.js';
import { ProjectFilter } from '../../http/project.query.js';
import { STREAM_KINDS, type StreamKind } from './stream-event.js';

export class StreamQuery {
  @ListFilter('What to tell about, default all.', STREAM_KINDS) kind?: StreamKind[];
  @ListFilter('Backends, frontends and nodes to tell about, default all.') name?: string[];
  @ProjectFilter('Project; when left out all of them, or `default` with a name.') project?: string;
}
