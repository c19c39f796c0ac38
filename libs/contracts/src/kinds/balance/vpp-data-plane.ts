import { parseDuration } from '../../duration.js';
import type { FieldError } from '../../errors.js';
import { shape, text, wholeNumber } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { specOf } from '../spec-of.js';
import { hostAddressErrors } from './host-address.js';
import { ONE_FOR_ALL, singletonName } from './singleton.js';
import { BALANCE_API, type VppDataPlaneSpec } from './specs.js';

/** Defaults of a VppDataPlane; the last two are those of the plugin. Reference maglev 2.4. */
export const VPP_DATA_PLANE_DEFAULTS = {
  syncInterval: '30s',
  startupMinDelay: '5s',
  startupMaxDelay: '30s',
  flowTimeout: '40s',
  stickyBucketsPerCore: 1024,
} as const;

/** Most sticky buckets of one core: VPP keeps them in one vector. */
export const MAX_STICKY_BUCKETS = 2 ** 30;

/** Settings of a VPP data plane. Its tunnels need a source address of each family. Reference maglev 2.4, 2.8. */
export const VPP_DATA_PLANE: Kind = {
  apiVersion: BALANCE_API,
  kind: 'VppDataPlane',
  schema: shape<VppDataPlaneSpec>(
    { ipv4SrcAddress: text('ipv4'), ipv6SrcAddress: text('ipv6') },
    {
      syncInterval: text('duration'),
      startupMinDelay: text('duration-or-zero'),
      startupMaxDelay: text('duration-or-zero'),
      flowTimeout: text('duration'),
      stickyBucketsPerCore: wholeNumber(1, MAX_STICKY_BUCKETS),
    },
  ),
  checkName: singletonName('VppDataPlane'),
  whyDefaultProject: ONE_FOR_ALL,
  checkFields(resource) {
    const spec = specOf<VppDataPlaneSpec>(resource);
    return [...hostAddressErrors(spec, 'ipv4SrcAddress', 'ipv6SrcAddress'), ...settingErrors(spec)];
  },
};

function settingErrors(spec: VppDataPlaneSpec): readonly FieldError[] {
  const { startupMinDelay, startupMaxDelay, flowTimeout, stickyBucketsPerCore } = {
    ...VPP_DATA_PLANE_DEFAULTS,
    ...spec,
  };
  const errors: FieldError[] = [];
  if (parseDuration(startupMaxDelay) < parseDuration(startupMinDelay))
    errors.push({
      pointer: `/spec/${spec.startupMaxDelay === undefined ? 'startupMinDelay' : 'startupMaxDelay'}`,
      message: 'the release of VIPs (default 30s) must not end before the hands-off time (default 5s) does',
    });
  if (parseDuration(flowTimeout) % 1000 !== 0)
    errors.push({ pointer: '/spec/flowTimeout', message: 'must be whole seconds' });
  if (!Number.isInteger(Math.log2(stickyBucketsPerCore)))
    errors.push({ pointer: '/spec/stickyBucketsPerCore', message: 'must be a power of two' });
  return errors;
}
