import { describe, expect, it } from '@jest/globals';
import type { ErrorBody, Resource } from '@signalbox/contracts';
import { endpoint, pool } from './discovery.fixture.js';
import type { SourceEndpoint } from './endpoint.js';
import { FittingPart, MADE_FOR } from './fitting-part.js';
import { endpointKey, sourceResources, type SourceResource } from './source-state.js';

const SOURCE = { name: 'k8s', project: 'default', spec: {} };

function partOf(endpoints: readonly SourceEndpoint[], ...frame: readonly Resource[]): SourceResource[] {
  return sourceResources(
    {
      frame: new Map(frame.map((one) => [`${one.kind} ${one.metadata.name}`, one])),
      endpoints: new Map(endpoints.map((one) => [endpointKey(one), one])),
    },
    SOURCE,
  );
}

function madeFor(service: string, resource: Resource): Resource {
  return { ...resource, metadata: { ...resource.metadata, annotations: { [MADE_FOR]: service } } };
}

function names(resources: readonly SourceResource[]): string[] {
  return resources.map(({ resource }) => `${resource.kind}/${resource.metadata.name}`).sort();
}

/** What the renderer says when it refuses these resources of a part. */
function refusal(resources: readonly SourceResource[], ...refused: readonly string[]): ErrorBody {
  const errors = refused.map((name) => {
    const at = resources.findIndex(({ resource }) => `${resource.kind}/${resource.metadata.name}` === name);
    if (at < 0) throw new Error(`no ${name} in ${names(resources).join(', ')}`);
    return { pointer: `/resources/${at}`, message: `${name} is wrong` };
  });
  return { code: 'part-invalid', message: errors[0]!.message, errors };
}

let runs = 0;

/** Proposes everything, as far as it fits; returns what is proposed and the id of that. */
function propose(fitting: FittingPart, all: readonly SourceResource[]) {
  const resources = fitting.fit(all);
  const runId = `run-${(runs += 1)}`;
  fitting.proposed(runId, runId, resources);
  return { resources, runId };
}

describe('a part of which something does not fit', () => {
  it('goes on without the machine that is refused', () => {
    const fitting = new FittingPart([]);
    const all = partOf([endpoint(1), endpoint(2)]);
    const { resources, runId } = propose(fitting, all);
    expect(fitting.refuse(runId, refusal(resources, 'Backend/k8s-192.0.2.1:8080'))).toBe(true);
    expect(fitting.reason).toBe('Backend/k8s-192.0.2.1:8080 is wrong');
    expect(names(propose(fitting, all).resources)).toEqual([
      'Backend/k8s-192.0.2.2:8080',
      'PoolMember/pool/web/k8s-192.0.2.2:8080',
    ]);
    fitting.retry();
    expect(names(propose(fitting, all).resources)).toHaveLength(4);
  });

  it('keeps what was taken of a Service that is refused, with its backends, and follows the others', () => {
    const both = (n: number): SourceResource[] =>
      partOf(
        [endpoint(n, { pool: 'a' }), endpoint(n + 10, { pool: 'b' })],
        madeFor('shop/a', pool('a')),
        madeFor('shop/b', pool('b')),
      );
    const fitting = new FittingPart(both(1));
    const second = propose(fitting, both(2));
    expect(fitting.refuse(second.runId, refusal(second.resources, 'Pool/a'))).toBe(true);
    const third = propose(fitting, both(2));
    expect(names(third.resources)).toEqual([
      'Backend/k8s-192.0.2.12:8080',
      'Backend/k8s-192.0.2.1:8080',
      'Pool/a',
      'Pool/b',
      'PoolMember/pool/a/k8s-192.0.2.1:8080',
      'PoolMember/pool/b/k8s-192.0.2.12:8080',
    ]);
    // what was taken once is refused too: nothing is left of it
    expect(
      fitting.refuse(third.runId, refusal(third.resources, 'PoolMember/pool/a/k8s-192.0.2.1:8080')),
    ).toBe(true);
    const fourth = propose(fitting, both(2));
    expect(names(fourth.resources)).toEqual([
      'Backend/k8s-192.0.2.12:8080',
      'Pool/b',
      'PoolMember/pool/b/k8s-192.0.2.12:8080',
    ]);
    expect(fitting.take(fourth.runId)).toBe(fourth.runId);
    expect(fitting.refuse(fourth.runId, { code: 'result-too-large', message: 'too large' })).toBe(false);
  });

  it('keeps what was taken of a Service of which several resources are refused at once', () => {
    const of = (n: number): SourceResource[] =>
      partOf([endpoint(n, { pool: 'a' }), endpoint(n + 10, { pool: 'a' })], madeFor('shop/a', pool('a')));
    const fitting = new FittingPart(of(1));
    const { resources, runId } = propose(fitting, of(2));
    const wrong = ['Pool/a', 'Backend/k8s-192.0.2.2:8080', 'Backend/k8s-192.0.2.12:8080'];
    expect(fitting.refuse(runId, refusal(resources, ...wrong))).toBe(true);
    expect(names(fitting.fit(of(2)))).toEqual(names(of(1)));
    expect(fitting.reason).toBe('Pool/a is wrong');
  });

  it('tries again what was refused once that is another, and forgets what is gone', () => {
    const of = (...services: readonly string[]): SourceResource[] =>
      partOf([], ...services.map((service) => madeFor(service, pool(service))));
    const mended = partOf(
      [],
      { ...madeFor('a', pool('a')), spec: { algorithm: 'maglev' } },
      madeFor('b', pool('b')),
    );
    const fitting = new FittingPart([]);
    const { resources, runId } = propose(fitting, of('a', 'b'));
    fitting.refuse(runId, refusal(resources, 'Pool/a'));
    expect(names(fitting.fit(of('a', 'b')))).toEqual(['Pool/b']);
    expect([names(fitting.fit(mended)), fitting.isPartial]).toEqual([['Pool/a', 'Pool/b'], false]);
    const again = propose(fitting, of('a', 'b'));
    fitting.refuse(again.runId, refusal(again.resources, 'Pool/a'));
    expect([names(fitting.fit(of('b'))), fitting.isPartial]).toEqual([['Pool/b'], false]);
  });

  it('has a Backend for a Service that needs it, though another one with it is refused', () => {
    const all = partOf(
      [endpoint(1, { pool: 'a' }), endpoint(1, { pool: 'b' })],
      madeFor('shop/a', pool('a')),
      madeFor('shop/b', pool('b')),
    );
    const fitting = new FittingPart([]);
    const { resources, runId } = propose(fitting, all);
    fitting.refuse(runId, refusal(resources, 'Pool/a'));
    expect(names(fitting.fit(all))).toEqual([
      'Backend/k8s-192.0.2.1:8080',
      'Pool/b',
      'PoolMember/pool/b/k8s-192.0.2.1:8080',
    ]);
  });

  it('hears nothing from what is decided on an older proposal', () => {
    const fitting = new FittingPart([]);
    const all = partOf([endpoint(1)]);
    const first = propose(fitting, all);
    propose(fitting, all);
    expect(fitting.refuse(first.runId, refusal(first.resources, 'Backend/k8s-192.0.2.1:8080'))).toBe(false);
    expect([fitting.take(first.runId), fitting.isPartial]).toEqual([undefined, false]);
  });

  it('ends: a unit falls twice at most', () => {
    const all = partOf([1, 2, 3].map((n) => endpoint(n)));
    const fitting = new FittingPart(all);
    let falls = 0;
    for (;;) {
      const { resources, runId } = propose(fitting, all);
      const [first] = resources;
      if (!first || !fitting.refuse(runId, refusal(resources, names([first])[0]!))) break;
      falls += 1;
    }
    expect(falls).toBe(6);
  });
});
