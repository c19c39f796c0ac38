const POINTER = 0xc0;
const MAX_NAME_BYTES = 255;
/** More than a name of so many bytes can have labels: further pointers lead from pointer to pointer, to keep us busy. */
const MAX_POINTERS = 128;
/** Octets that mean something else in the text of a name than themselves. */
const SPECIAL = /[.\\]/;

/** Reads names of a message, compressed ones too. RFC 1035, section 4.1.4. */
export class NameReader {
  constructor(readonly bytes: Buffer) {}

  /** The name at an offset, as zone files write it without the final dot, and where it ends there. Throws RangeError. */
  read(offset: number): { readonly name: string; readonly end: number } {
    const labels: string[] = [];
    let [at, end, length, pointers] = [offset, 0, 0, 0];
    for (;;) {
      const octet = this.bytes.readUInt8(at);
      if ((octet & POINTER) === POINTER) {
        const to = this.bytes.readUInt16BE(at) & 0x3fff;
        end ||= at + 2;
        // Pointers lead back only, so that they never lead in a circle.
        if (to >= at) throw new RangeError('a name points forward');
        pointers += 1;
        if (pointers > MAX_POINTERS) throw new RangeError('a name has too many pointers');
        at = to;
        continue;
      }
      if ((octet & POINTER) !== 0) throw new RangeError('a label is of an unknown type');
      if (octet === 0) return { name: labels.join('.') || '.', end: end || at + 1 };
      length += octet + 1;
      if (length >= MAX_NAME_BYTES || at + 1 + octet > this.bytes.length)
        throw new RangeError('a name is too long');
      labels.push(labelText(this.bytes.subarray(at + 1, at + 1 + octet)));
      at += 1 + octet;
    }
  }
}

/** A name as messages hold it. It is one that the format `dns-name` allows: without anything special. */
export function nameBytes(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
    Buffer.from([0]),
  ]);
}

function labelText(label: Buffer): string {
  return [...label]
    .map((octet) => {
      if (octet < 0x21 || octet > 0x7e) return `\\${String(octet).padStart(3, '0')}`;
      const character = String.fromCharCode(octet);
      return SPECIAL.test(character) ? `\\${character}` : character;
    })
    .join('');
}
