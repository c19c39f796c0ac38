import { CodedError } from '@signalbox/contracts';
import { inProject } from '../balance/in-project.js';
import { DEFAULT_KINDS, PROJECT_KINDS, type StreamWish } from './stream-kinds.js';
import type { StreamQuery } from './stream.dto.js';

/** What a client wants. Throws `validation-failed` for kinds of the site in a project, where nobody sees them. */
export function wishOf({ kind, name, project, group }: StreamQuery): StreamWish {
  const kinds = kind ?? DEFAULT_KINDS;
  const ofSite = kinds.filter((one) => !PROJECT_KINDS.includes(one));
  if (project !== undefined && ofSite.length > 0) {
    const message = `in a project must be of ${PROJECT_KINDS.join(', ')}; ${ofSite.join(', ')} are told of by the site: leave the project out`;
    throw new CodedError('validation-failed', `/kind ${message}`, [{ pointer: '/kind', message }]);
  }
  const scope = project === undefined ? {} : { project };
  return {
    kinds: new Set(kinds),
    ...scope,
    ...(group !== undefined && { group }),
    ...(name && {
      names: { given: new Set(name), scoped: new Set(name.map((one) => inProject(scope, one))) },
    }),
  };
}
