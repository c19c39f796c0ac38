import { secretVariable } from './plugin-secrets.js';

describe('the variable of a secret', () => {
  it('names the secret in capitals, with _ for -', () => {
    expect(secretVariable('api-key')).toBe('SIGNALBOX_SECRET_API_KEY_FD');
    expect(secretVariable('2fa')).toBe('SIGNALBOX_SECRET_2FA_FD');
  });
});
