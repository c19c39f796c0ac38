import { describe, expect, it } from '@jest/globals';
import { tlsFault } from './tls-fault.js';

describe('tlsFault', () => {
  it.each([
    ['CERT_HAS_EXPIRED', 'the certificate of the server has expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate of the server is for another name'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'the certificate of the server is signed by nobody'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the certificate of the server is signed by nobody'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'the server demands a certificate of ours'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'the server does not take our certificate'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'the server does not take our certificate'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'the server does not take our certificate'],
  ])('says of %s: %s', (code, text) => expect(tlsFault(code)).toContain(text));

  it.each([undefined, 'ECONNREFUSED', 'ERR_SSL_WRONG_VERSION_NUMBER', 'toString'])(
    'says nothing of %s, which is about no certificate',
    (code) => expect(tlsFault(code)).toBeUndefined(),
  );
});
