import { Controller, type Type, UseGuards } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import type { OpenAPIObject } from '@nestjs/swagger';
import { TenantGuard } from './tenant.guard.js';

/** Where the routes of a project stand. */
const UNDER_PROJECT = 'v1/orgs/:org/projects/:project';

/**
 * The routes of a controller of the site once more, below a project of an org: the same handlers, reads and checks, with the
 * project of the path in place of that of the query. ADR 0029.
 */
export function underProject(controller: Type<object>): Type<object> {
  const path = String(Reflect.getMetadata(PATH_METADATA, controller)).replace(/^v1\//, '');
  const name = `Tenant${controller.name}`;
  const ofTenants = { [name]: class extends controller {} }[name]!;
  Controller(`${UNDER_PROJECT}/${path}`)(ofTenants);
  UseGuards(TenantGuard)(ofTenants);
  return ofTenants;
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];

const PLACE: readonly Parameter[] = [
  {
    name: 'org',
    in: 'path',
    required: true,
    description: 'Org that owns the project.',
    schema: { type: 'string' },
  },
  {
    name: 'project',
    in: 'path',
    required: true,
    description: 'Project; nothing of another one is seen, counted or changed.',
    schema: { type: 'string' },
  },
];

/** Says of the routes below a project what they take: the handlers name neither parameter of the path, and the query has no project. */
export function describeUnderProject(document: OpenAPIObject): void {
  const prefix = `/${UNDER_PROJECT.replace(/:(\w+)/g, '{$1}')}/`;
  for (const [path, item] of Object.entries(document.paths)) {
    if (!path.startsWith(prefix)) continue;
    for (const operation of [item.get, item.put, item.post, item.delete])
      if (operation)
        operation.parameters = [...PLACE, ...(operation.parameters ?? []).filter((one) => !isPlace(one))];
  }
}

function isPlace(parameter: Parameter): boolean {
  return 'name' in parameter && ['org', 'project'].includes(parameter.name);
}
