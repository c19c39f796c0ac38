import type { CallHandler, ExecutionContext, NestInterceptor, Type } from '@nestjs/common';
import { CodedError } from '@signalbox/contracts';
import type { FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

/** Under which the OpenAPI module keeps the members of a DTO, each with a colon before it. */
const MEMBERS = 'swagger/apiModelPropertiesArray';

/** Of a list, leaves of each item what `fields=` names: for who looks at many things and few of their members. */
export class PickFields implements NestInterceptor {
  constructor(private readonly item: Type) {}

  /** Throws `validation-failed`, naming the members that there are, for others. */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { query } = context.switchToHttp().getRequest<FastifyRequest>();
    const { fields } = query as { fields?: unknown };
    if (fields === undefined) return next.handle();
    const wanted = new Set([fields].flat().flatMap((one) => String(one).split(',')));
    this.refuseOthers(wanted);
    return next.handle().pipe(
      map((page: { items: readonly object[] }) => ({
        ...page,
        items: page.items.map((item) => picked(item, wanted)),
      })),
    );
  }

  private refuseOthers(wanted: ReadonlySet<string>): void {
    const known = (Reflect.getMetadata(MEMBERS, this.item.prototype as object) as string[]).map((one) =>
      one.slice(1),
    );
    if ([...wanted].every((one) => known.includes(one))) return;
    const message = `must be some of ${known.join(', ')}, separated by commas`;
    throw new CodedError('validation-failed', `/fields ${message}`, [{ pointer: '/fields', message }]);
  }
}

function picked(item: object, wanted: ReadonlySet<string>): object {
  return Object.fromEntries(Object.entries(item).filter(([name]) => wanted.has(name)));
}
