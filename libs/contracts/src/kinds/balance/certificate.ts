import { shape, TEXT, text } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import type { CertificateSpec } from './load-balancer-specs.js';
import { BALANCE_API } from './specs.js';

/**
 * A certificate with its private key, as files of the nodes that serve it: the resource has their paths, and no byte of what is
 * in them. Each node reads them itself, and says what it found. spec/balance "Resources".
 */
export const CERTIFICATE: Kind = {
  apiVersion: BALANCE_API,
  kind: 'Certificate',
  schema: shape<CertificateSpec>(
    { file: text('absolute-path') },
    { description: TEXT, keyFile: text('absolute-path') },
  ),
};
