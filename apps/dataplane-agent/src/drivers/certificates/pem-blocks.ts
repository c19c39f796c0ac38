/** One block of a file in PEM. RFC 7468. */
export interface PemBlock {
  /** What it says that it is, such as `CERTIFICATE`. */
  readonly label: string;
  /** All of it, its first and last line too, without empty lines. */
  readonly text: string;
}

const BEGIN = /^-----BEGIN ([A-Z0-9 ]+)-----$/;

/** The blocks of a text; what stands between them is no part of them. Undefined: one has no end, or ends without a beginning. */
export function pemBlocks(text: string): readonly PemBlock[] | undefined {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly lines: string[] } | undefined;
  for (const line of text.split('\n').map((one) => one.trim())) {
    const label = BEGIN.exec(line)?.[1];
    if (open) {
      if (label !== undefined) return undefined;
      if (line !== '') open.lines.push(line);
      if (line !== `-----END ${open.label}-----`) continue;
      blocks.push({ label: open.label, text: open.lines.join('\n') });
      open = undefined;
    } else if (label !== undefined) {
      open = { label, lines: [line] };
    } else if (line.startsWith('-----')) {
      return undefined;
    }
  }
  return open ? undefined : blocks;
}
