import { SINK_DOCUMENT_BYTES, type Resource } from '@signalbox/contracts';
import { Context, Drop, type Emitter, Liquid, LiquidError, type Template, toValueSync } from 'liquidjs';
import { SinkFault } from './sink-fault.js';

/**
 * Bounds of a template: milliseconds of one rendering, units of memory (characters of texts, entries of lists). With these
 * nothing in a template runs for ever, whatever it loops over.
 */
export const TEMPLATE_LIMITS = { renderMs: 1000, memory: 64 * 1024 * 1024 } as const;

/** What a template sees. Neither time nor generation: they would change a document that is the same. */
export interface TemplateScope {
  readonly resources: readonly Resource[];
  readonly site: { readonly name: string };
}

/**
 * Liquid without a file system: nothing can be included. Unknown filters are errors, and so are unknown variables but in `if`
 * and before `default`: a slip shall not give a file that lacks something. What would differ from one rendering to the next is left out.
 */
const ENGINE = new Liquid({
  templates: {},
  strictFilters: true,
  strictVariables: true,
  lenientIf: true,
  ownPropertyOnly: true,
  timezoneOffset: 0,
  locale: 'en-US',
  renderLimit: TEMPLATE_LIMITS.renderMs,
  memoryLimit: TEMPLATE_LIMITS.memory,
});
ENGINE.unregisterFilter('sample');
const DATE = ENGINE.filters['date'] as (this: unknown, value: unknown, ...rest: unknown[]) => unknown;
ENGINE.registerFilter('date', function (value, ...rest) {
  if (value === 'now' || value === 'today') throw new Error(`the date "${value}" is another one each time`);
  return DATE.call(this, value, ...rest);
});

/** A template that was read once. Throws {@link SinkFault} of step `template` with line and column. */
export class DocumentTemplate {
  private readonly parts: Template[];

  constructor(text: string) {
    try {
      this.parts = ENGINE.parse(text);
    } catch (error) {
      throw faultOf(error);
    }
  }

  /** Throws {@link SinkFault} of step `template`: an error in it, or what goes beyond its bounds. */
  render({ resources, site }: TemplateScope): string {
    const output = new BoundedOutput();
    const scope = { resources, byKind: new ByKind(resources), site };
    try {
      const context = new Context(scope, ENGINE.options, { sync: true }, { liquid: ENGINE });
      toValueSync(ENGINE.renderer.renderTemplates(this.parts, context, output));
    } catch (error) {
      throw faultOf(error);
    }
    return output.buffer;
  }
}

/** `byKind.Backend`: the resources of a kind; of one that is not there an empty list. */
class ByKind extends Drop {
  private readonly lists = new Map<string, Resource[]>();

  constructor(resources: readonly Resource[]) {
    super();
    for (const resource of resources) {
      const list = this.lists.get(resource.kind);
      if (list) list.push(resource);
      else this.lists.set(resource.kind, [resource]);
    }
  }

  override liquidMethodMissing(kind: string | number): readonly Resource[] {
    return this.lists.get(String(kind)) ?? [];
  }
}

/** Text that ends where it grows too large. */
class BoundedOutput implements Emitter {
  buffer = '';

  write(piece: unknown): void {
    this.buffer += textOf(piece);
    if (this.buffer.length > SINK_DOCUMENT_BYTES)
      throw new Error(`the document is larger than ${SINK_DOCUMENT_BYTES} bytes`);
  }
}

/** As Liquid writes values: lists without anything between, nothing for what is not there. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(textOf).join('');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function faultOf(error: unknown): SinkFault {
  if (error instanceof SinkFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  const place = LiquidError.is(error) || !(error instanceof Error) ? '' : 'the template: ';
  return new SinkFault('template', { code: 'sink-template', message: `${place}${message}` });
}
