import { applyDecorators } from '@nestjs/common';
import { FORMATS } from '@signalbox/contracts';
import { ValidateBy, ValidateIf } from 'class-validator';
import { TextFilter } from './text-filter.js';

const { test, expected } = FORMATS.project;

/** A query parameter that is a project. */
export function ProjectFilter(description: string): PropertyDecorator {
  return applyDecorators(
    TextFilter(description),
    ValidateIf((_query, value) => value !== undefined),
    ValidateBy(
      {
        name: 'project',
        validator: { validate: (value: unknown) => typeof value === 'string' && test(value) },
      },
      { message: expected },
    ),
  );
}

/** What every route takes that leads to something of a project. */
export class ProjectQuery {
  @ProjectFilter('Project, `default` when left out.') project?: string;
}
