import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { CodedError } from '@signalbox/contracts';
import { OperatorResources } from '../operator-resources.js';

/** What stands in the path of every route of a project. */
interface TenantRequest {
  readonly params: { readonly org: string; readonly project: string };
  query: Record<string, unknown>;
}

/**
 * Lets a request into a project that the org in its path owns, and makes the project that of its query, so that whatever answers
 * the same route of the site answers here. One answer for an org that is not there, a project that is not there, and one of
 * another org.
 */
@Injectable()
export class TenantGuard implements CanActivate {
  constructor(private readonly resources: OperatorResources) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<TenantRequest>();
    const { org, project } = request.params;
    if (this.resources.quotas.ownerOf(project) !== org) throw noProject(org, project);
    if ('project' in request.query) {
      const message = 'stands in the path: leave it out of the query';
      throw new CodedError('validation-failed', `/project ${message}`, [{ pointer: '/project', message }]);
    }
    request.query = { ...request.query, project };
    return true;
  }
}

/** `not-found`: the org has no such project. */
export function noProject(org: string, project: string): CodedError {
  return new CodedError(
    'not-found',
    `there is no project ${project} in org ${org}: GET /v1/orgs/${encodeURIComponent(org)}/projects lists what there is`,
  );
}
