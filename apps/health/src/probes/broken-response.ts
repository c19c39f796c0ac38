/** What came is not a response; the message says why. */
export class BrokenResponse extends Error {}
