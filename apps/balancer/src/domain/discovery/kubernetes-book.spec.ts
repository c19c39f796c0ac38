import { type ClusterObject, clusterService, clusterSlice } from '@signalbox/testing';
import fc from 'fast-check';
import { KubernetesBook } from './kubernetes-book.js';
import { kubernetesContent } from './kubernetes-content.js';
import type { FrameSource } from './kubernetes-frame.js';
import {
  type KubernetesService,
  type KubernetesSlice,
  objectKey,
  readService,
  readSlice,
} from './kubernetes-objects.js';

const SOURCE: FrameSource = { name: 'prod', project: 'default', spec: { server: 'https://192.0.2.1' } };

function versioned(object: ClusterObject, version: number): ClusterObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}

const service = (name: string, version: number, wish = {}): KubernetesService =>
  readService(versioned(clusterService(name, wish), version));
const slice = (name: string, of: string, version: number, pods: string[]): KubernetesSlice =>
  readSlice(versioned(clusterSlice(name, of, pods), version));

const NAME = fc.constantFrom('a', 'b', 'c');
const SERVICE = fc.record({ name: NAME, isOurs: fc.boolean(), isWrong: fc.boolean() });
const SLICE = fc.record({
  name: fc.constantFrom('s1', 's2', 's3', 's4'),
  of: NAME,
  pods: fc.uniqueArray(fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3')),
});
/** What happens to a cluster: something comes or changes, goes, or all is told anew. */
const STEP = fc.oneof(
  fc.record({ put: fc.constant('service' as const), object: SERVICE }),
  fc.record({ put: fc.constant('slice' as const), object: SLICE }),
  fc.record({ remove: fc.constant('service' as const), name: NAME }),
  fc.record({ remove: fc.constant('slice' as const), name: fc.constantFrom('s1', 's2', 's3', 's4') }),
  fc.constant({ replace: true as const }),
);

describe('the book of a cluster', () => {
  it('says at any time what all objects together bring', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 30 }), (steps) => {
        const book = new KubernetesBook(SOURCE);
        const services = new Map<string, KubernetesService>();
        const slices = new Map<string, KubernetesSlice>();
        steps.forEach((step, version) => {
          if ('replace' in step) {
            book.replaceServices([...services.values()]);
            book.replaceSlices([...slices.values()]);
          } else if ('remove' in step) {
            const key = `default/${step.name}`;
            (step.remove === 'service' ? services : slices).delete(key);
            if (step.remove === 'service') book.changeServices([{ key }]);
            else book.changeSlices([{ key }]);
          } else if (step.put === 'service') {
            const { name, isOurs, isWrong } = step.object;
            const spec = {
              ...(isWrong && { loadBalancerIP: 'x' }),
              ...(!isOurs && { type: 'ClusterIP' }),
            };
            const object = service(name, version, { spec });
            services.set(objectKey(object), object);
            book.changeServices([{ key: objectKey(object), object }]);
          } else {
            const { name, of, pods } = step.object;
            const object = slice(name, of, version, pods);
            slices.set(objectKey(object), object);
            book.changeSlices([{ key: objectKey(object), object }]);
          }
          const whole = [[...services.values()], [...slices.values()]] as const;
          expect(book.content()).toEqual(kubernetesContent(SOURCE, ...whole));
        });
      }),
    );
  });

  it('says the same whatever the order of its objects', () => {
    const services = ['a', 'b', 'c'].map((name, at) => service(name, at));
    const slices = ['a', 'b', 'c', 'a'].map((of, at) =>
      slice(`s${at}`, of, at, [`10.0.${at}.2`, '10.0.9.1', `10.0.${at}.1`]),
    );
    const expected = kubernetesContent(SOURCE, services, slices);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(services, { minLength: 3 }),
        fc.shuffledSubarray(slices, { minLength: 4 }),
        (some, others) => {
          expect(kubernetesContent(SOURCE, some, others)).toEqual(expected);
        },
      ),
    );
  });

  it('tells which Services a change is about', () => {
    const book = new KubernetesBook(SOURCE);
    const [web, inner] = [service('web', 1), service('inner', 2, { spec: { type: 'ClusterIP' } })];
    expect(book.replaceServices([web, inner])).toEqual(new Set(['default/web']));
    expect([...book.served()]).toEqual(['default/web']);
    expect(book.replaceServices([web, inner])).toEqual(new Set());
    const ofInner = slice('s1', 'inner', 3, ['10.0.0.1']);
    expect(book.changeSlices([{ key: 'default/s1', object: ofInner }])).toEqual(new Set());
    const ofWeb = slice('s1', 'web', 4, ['10.0.0.1']);
    expect(book.changeSlices([{ key: 'default/s1', object: ofWeb }])).toEqual(new Set(['default/web']));
    expect(book.changeSlices([{ key: 'default/s1', object: slice('s1', 'inner', 5, []) }])).toEqual(
      new Set(['default/web']),
    );
    expect(book.replaceServices([inner])).toEqual(new Set(['default/web']));
    expect(book.frame('default/web')).toBeUndefined();
  });

  it('leaves what did not change as it is', () => {
    const book = new KubernetesBook(SOURCE);
    book.replaceServices([service('a', 1), service('b', 2)]);
    book.replaceSlices([slice('s1', 'a', 3, ['10.0.0.1']), slice('s2', 'b', 4, ['10.0.0.2'])]);
    const before = book.content();
    book.changeSlices([{ key: 'default/s1', object: slice('s1', 'a', 5, ['10.0.0.3']) }]);
    const after = book.content();
    expect(after.frame[0]).toBe(before.frame[0]);
    expect(after.endpoints[0]).not.toEqual(before.endpoints[0]);
    expect(after.endpoints[1]).toBe(before.endpoints[1]);
  });
});
