import { parseDuration } from '../../duration.js';
import { shape, text, wholeNumber } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { specOf } from '../spec-of.js';
import type { BfdProfileSpec } from './announcement-specs.js';
import { BALANCE_API } from './specs.js';

/** Defaults of a BfdProfile. */
export const BFD_PROFILE_DEFAULTS = {
  receiveInterval: '100ms',
  transmitInterval: '100ms',
  detectMultiplier: 3,
} as const;

/** Shortest and longest interval. Milliseconds. */
const INTERVAL_MS = { least: 10, most: 10_000 } as const;
const INTERVALS = ['receiveInterval', 'transmitInterval'] as const;

/** How fast a broken way to a router is found. RFC 5880. */
export const BFD_PROFILE: Kind = {
  apiVersion: BALANCE_API,
  kind: 'BfdProfile',
  schema: shape<BfdProfileSpec>(
    {},
    {
      receiveInterval: text('duration'),
      transmitInterval: text('duration'),
      detectMultiplier: wholeNumber(2, 50),
    },
  ),
  whyDefaultProject: 'a BgpPeer names it, and stands there too',
  checkFields(resource) {
    const spec = { ...BFD_PROFILE_DEFAULTS, ...specOf<BfdProfileSpec>(resource) };
    return INTERVALS.flatMap((field) => {
      const ms = parseDuration(spec[field]);
      if (Number.isInteger(ms) && ms >= INTERVAL_MS.least && ms <= INTERVAL_MS.most) return [];
      return [{ pointer: `/spec/${field}`, message: 'must be whole milliseconds from 10ms to 10s' }];
    });
  },
};
