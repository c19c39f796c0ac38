import { describe, expect, it } from '@jest/globals';
import { readYaml, type Resource, SINK_DOCUMENT_BYTES } from '@signalbox/contracts';
import * as fc from 'fast-check';
import { documentText, type DocumentForm } from './make-document.js';
import { selectResources } from './select-resources.js';
import { SinkFault } from './sink-fault.js';
import { DocumentTemplate } from './template.js';

const SITE = { name: 'edge-1' };

function backend(name: string, address: string, labels?: Record<string, string>): Resource {
  return {
    apiVersion: 'a/v1',
    kind: 'Backend',
    metadata: { name, ...(labels && { labels }) },
    spec: { address },
  };
}

const BACKENDS = [backend('web-1', '10.0.0.1', { zone: 'a' }), backend('web-2', '10.0.0.2')];

function rendered(template: string, resources: readonly Resource[] = BACKENDS): string {
  return documentText(resources, { template: new DocumentTemplate(template) }, SITE);
}

function faultOf(work: () => unknown): SinkFault {
  try {
    work();
  } catch (error) {
    if (error instanceof SinkFault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a document without a template', () => {
  it('is a Router with sorted keys, in YAML or JSON', () => {
    expect(documentText([backend('web', '10.0.0.1')], {}, SITE)).toBe(
      [
        'apiVersion: routerd.net/v1alpha1',
        'kind: Router',
        'metadata:',
        '  name: effective',
        'spec:',
        '  resources:',
        '    - apiVersion: a/v1',
        '      kind: Backend',
        '      metadata:',
        '        name: web',
        '      spec:',
        '        address: 10.0.0.1',
        '',
      ].join('\n'),
    );
    const json = documentText(BACKENDS, { format: 'json' }, SITE);
    expect(json.endsWith('}\n')).toBe(true);
    expect((JSON.parse(json) as { spec: object }).spec).toEqual({ resources: BACKENDS });
  });

  it('is the same whatever the order of resources and members, and reads back as what went in', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constantFrom('yes', 'on', '0x10', '1e3', '~', ''),
    );
    const resources = fc.uniqueArray(
      fc.record({
        name: fc.stringMatching(/^[a-z]{1,8}$/),
        spec: fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), value),
      }),
      { selector: ({ name }) => name, maxLength: 8 },
    );
    fc.assert(
      fc.property(resources, (some) => {
        const made = some.map(({ name, spec }) => ({ ...backend(name, ''), spec }));
        const turned = [...made]
          .reverse()
          .map((one) => ({ ...one, spec: Object.fromEntries(Object.entries(one.spec).reverse()) }));
        for (const form of [{}, { format: 'json' }] satisfies DocumentForm[]) {
          const text = documentText(selectResources(made), form, SITE);
          expect(documentText(selectResources(turned), form, SITE)).toBe(text);
          const [read] = readYaml(text) as [{ spec: { resources: unknown } }];
          expect(read.spec.resources).toEqual(selectResources(made));
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('a template', () => {
  it('sees resources, kinds and the site', () => {
    const text = rendered(
      `# {{ site.name }}: {{ resources.size }}
{% for b in byKind.Backend -%}
server {{ b.metadata.name }} {{ b.spec.address }}:80{% if b.metadata.labels.zone %} # {{ b.metadata.labels.zone }}{% endif %}
{% endfor -%}
{% for c in byKind.Claim %}never{% endfor -%}
`,
    );
    expect(text).toBe('# edge-1: 2\nserver web-1 10.0.0.1:80 # a\nserver web-2 10.0.0.2:80\n');
  });

  it('gives values as they are, objects as JSON on demand', () => {
    expect(rendered('{{ resources[0].spec | json }} {{ "<&>" }}')).toBe('{"address":"10.0.0.1"} <&>');
  });

  it.each([
    ['an unknown filter', '{{ resources | shout }}', /undefined filter: shout, line:1/],
    [
      'a slip in a name',
      'a\n{% for b in byKind.Backend %}{{ b.spec.adress }}{% endfor %}',
      /undefined variable: b\.spec\.adress, line:2/,
    ],
    ['a tag without end', '{% for b in resources %}', /tag .* not closed, line:1/],
    ['a file', '{% render "/etc/passwd" %}', /ENOENT|not found|Failed to lookup/i],
    ['another file', '{% include "../secrets" %}', /ENOENT|not found|Failed to lookup/i],
    ['what differs each time', '{{ "now" | date: "%s" }}', /another one each time/],
    ['chance', '{{ resources | sample }}', /undefined filter: sample/],
    ['the prototype', '{{ resources[0].constructor.name }}', /undefined variable/],
  ])('names %s with its place', (_what, template, message) => {
    const fault = faultOf(() => rendered(template));
    expect([fault.step, fault.body.code, fault.mayPass]).toEqual(['template', 'sink-template', false]);
    expect(fault.body.message).toMatch(message);
  });

  it('ends whatever it loops over', () => {
    const nested = '{% for a in (1..9999) %}{% for b in (1..9999) %}{% endfor %}{% endfor %}';
    expect(faultOf(() => rendered(nested)).body.message).toMatch(/limit exceeded/);
    expect(faultOf(() => rendered('{% for a in (1..1000000000) %}x{% endfor %}')).body.message).toMatch(
      /memory alloc limit exceeded/,
    );
  });

  it('gives no document without end', () => {
    const large = 'x'.repeat(1024);
    const message = faultOf(() => rendered(`{% for a in (1..9000) %}${large}{% endfor %}`)).body.message;
    expect(message).toContain(`larger than ${SINK_DOCUMENT_BYTES} bytes`);
    // few characters, and more bytes
    const wide = `{% for a in (1..3000) %}${'\u20ac'.repeat(1024)}{% endfor %}`;
    expect(faultOf(() => rendered(wide)).body.message).toContain(
      `at most ${SINK_DOCUMENT_BYTES} are written`,
    );
  });
});
