/** Names of return values, as VPP has them; those that the lb plugin gives and those that any handler may. `api_errno.h`. */
const RETVALS: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
  [-1]: ['UNSPECIFIED', 'unspecified error'],
  [-2]: ['INVALID_SW_IF_INDEX', 'no such interface'],
  [-3]: ['NO_SUCH_FIB', 'no such FIB'],
  [-6]: ['NO_SUCH_ENTRY', 'there is no such entry'],
  [-7]: ['INVALID_VALUE', 'the value is not valid'],
  [-8]: ['INVALID_VALUE_2', 'the second value is not valid'],
  [-9]: ['UNIMPLEMENTED', 'this VPP does not have it'],
  [-11]: ['SYSCALL_ERROR_1', 'a system call failed'],
  [-30]: ['FEATURE_DISABLED', 'switched off by the configuration of VPP'],
  [-31]: ['INVALID_REGISTRATION', 'VPP does not know this client'],
  [-70]: ['INVALID_MEMORY_SIZE', 'the size has to be a power of two'],
  [-73]: ['INVALID_ARGUMENT', 'the argument is not valid; VIPs of one prefix need one type'],
  [-77]: ['RESPONSE_NOT_READY', 'not ready'],
  [-81]: ['VALUE_EXIST', 'it is there already, or a VIP of all ports beside one of a port'],
  [-97]: ['INVALID_ADDRESS_FAMILY', 'the address is not of the family that the encapsulation takes'],
  [-126]: ['UNSUPPORTED', 'not supported'],
  [-144]: ['INIT_FAILED', 'initialization failed'],
};

/**
 * VPP did not do what a message asked for, and said so with a negative return value. It changed nothing. Its `name` is that of the
 * value, as `NO_SUCH_ENTRY`; `RETVAL_<n>` for one without a name here.
 */
export class VppError extends Error {
  constructor(
    /** The message that was sent. */
    readonly request: string,
    readonly retval: number,
  ) {
    const [name, meaning] = RETVALS[retval] ?? [`RETVAL_${-retval}`, 'see api_errno.h of VPP'];
    super(`VPP refused ${request}: ${name} (${retval}): ${meaning}`);
    this.name = name;
  }
}
