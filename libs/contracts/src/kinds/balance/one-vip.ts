import type { FieldError } from '../../errors.js';
import { canonicalAddress } from '../../ip-address.js';
import { refOf, refText, type Resource } from '../../resource.js';
import { isOfKind, type SetRule } from '../kind.js';
import { specOf } from '../spec-of.js';
import { FRONTEND } from './frontend.js';
import type { FrontendSpec } from './specs.js';

const ALL_PORTS = 'all ports';

/**
 * Each (address, protocol, port) is the VIP of one Frontend, and an all-port VIP shares its address with none: the
 * data plane refuses both. Reference maglev 2.8 (1, 2), R21.
 */
export const ONE_VIP: SetRule = {
  about: [FRONTEND],
  over(resources) {
    const vips = new Map<string, Map<string, Resource[]>>();
    for (const frontend of resources) {
      if (!isOfKind(frontend, FRONTEND)) continue;
      const { address, service } = vipOf(frontend);
      const services = vips.get(address) ?? new Map<string, Resource[]>();
      vips.set(address, services.set(service, [...(services.get(service) ?? []), frontend]));
    }
    return (resource) => vipErrors(resource, vips);
  },
};

function vipErrors(
  resource: Resource,
  vips: ReadonlyMap<string, ReadonlyMap<string, readonly Resource[]>>,
): readonly FieldError[] {
  const { address, service } = vipOf(resource);
  const services = vips.get(address) ?? new Map<string, readonly Resource[]>();
  const same = services.get(service)?.find((frontend) => frontend.metadata.name !== resource.metadata.name);
  if (same) return [vipError(same, `already serves ${service} of ${address}`)];
  const [other] =
    service === ALL_PORTS
      ? [...services].filter(([name]) => name !== ALL_PORTS).map(([, [frontend]]) => frontend)
      : (services.get(ALL_PORTS) ?? []);
  if (!other) return [];
  const theirs = vipOf(other).service;
  return [
    vipError(other, `serves ${theirs} of ${address}: ${ALL_PORTS} and single ports exclude each other`),
  ];
}

function vipError(other: Resource, does: string): FieldError {
  return { pointer: '/spec/address', message: `${refText(refOf(other))} ${does}` };
}

function vipOf(frontend: Resource): { readonly address: string; readonly service: string } {
  const { address, protocol, port = 0 } = specOf<FrontendSpec>(frontend);
  const service = port === 0 ? ALL_PORTS : `${protocol} port ${port}`;
  return { address: canonicalAddress(address), service };
}
