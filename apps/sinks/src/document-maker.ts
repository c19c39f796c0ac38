import {
  type ConfigSinkSpec,
  keyOf,
  type Resource,
  type ResourceRef,
  sha256Hex,
  type SinkSelection,
} from '@signalbox/contracts';
import type { EffectiveBook } from '@signalbox/store';
import { documentText, resourcesDigest } from './domain/make-document.js';
import { isSelected, selectResources } from './domain/select-resources.js';
import { DocumentTemplate } from './domain/template.js';
import type { SinkDocument } from './sink-target.js';

/** The effective config as documents are made of it. */
export type ConfigView = Pick<EffectiveBook, 'generation' | 'everything'>;

/** A document with the identities of the resources in it. */
export interface MadeDocument extends SinkDocument {
  readonly keys: readonly string[];
}

/** Makes the documents of one sink of the effective config as it stands. */
export class DocumentMaker {
  private readonly template: DocumentTemplate | undefined;

  /** Throws a SinkFault when the template cannot be read. */
  constructor(
    private readonly spec: ConfigSinkSpec,
    private readonly site: { readonly name: string },
  ) {
    this.template = spec.template === undefined ? undefined : new DocumentTemplate(spec.template);
  }

  /** Throws a SinkFault of step `template`. */
  make(book: ConfigView): MadeDocument {
    const { generation } = book;
    const resources = selectResources(book.everything(), this.spec.select);
    const keys = resources.map(keyOf);
    if (this.spec.natsKv)
      return { generation, resources, keys, bytes: new Uint8Array(), digest: resourcesDigest(resources) };
    const bytes = Buffer.from(this.textOf(resources));
    return { generation, resources, keys, bytes, digest: sha256Hex(bytes) };
  }

  /** What people read: of NATS KV, which has a key for each resource, a document of all of them. */
  textOf(resources: readonly Resource[]): string {
    const { format } = this.spec;
    const form = { ...(format && { format }), ...(this.template && { template: this.template }) };
    return documentText(resources, form, this.site);
  }

  /** Whether a change of a resource may change the document: what labels it had before is not known. */
  isConcerned(ref: ResourceRef): boolean {
    const { labels: _unknown, ...selection }: SinkSelection = this.spec.select ?? {};
    const { apiVersion, kind, project, name } = ref;
    return isSelected({ apiVersion, kind, metadata: { name, project }, spec: {} }, selection);
  }
}
