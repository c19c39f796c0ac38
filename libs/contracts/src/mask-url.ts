/** Where a user name alone is no token: libpq and its drivers. */
const NAMES_A_USER = /^postgres(ql)?:$/i;
/** One address of a comma-separated list; a comma within a login has to be written `%2C`. */
const NEXT_ADDRESS = /,(?=[a-z][a-z0-9+.-]*:\/\/)/i;
const ADDRESS = /^([a-z][a-z0-9+.-]*:)?(\/\/)?([^\s]*)@([^@\s]*)$/i;
const SECRET_PARAMETER = /([?&](?:password|token|sslpassword)=)[^&\s]*/gi;

/**
 * The addresses of servers as anything that people or logs see may show them: `***` for passwords and tokens. Takes
 * lists with commas, and text that is no URL: whatever stands before an `@` might be a login.
 */
export function maskUrl(addresses: string): string {
  return addresses
    .split(NEXT_ADDRESS)
    .map((address) => maskAddress(address.replace(SECRET_PARAMETER, '$1***')))
    .join(',');
}

function maskAddress(address: string): string {
  const parts = ADDRESS.exec(address);
  if (!parts) return address;
  const [, scheme = '', slashes = '', login = '', rest = ''] = parts;
  return `${scheme}${slashes}${maskLogin(login, scheme)}@${rest}`;
}

function maskLogin(login: string, scheme: string): string {
  const [user = ''] = login.split(':', 1);
  if (login.length > user.length) return `${user}:***`;
  return NAMES_A_USER.test(scheme) ? login : '***';
}
