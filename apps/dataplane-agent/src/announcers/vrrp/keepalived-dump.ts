/** How a virtual router is on this node, in the words of keepalived. */
export interface RouterState {
  readonly name: string;
  /** `MASTER`, `BACKUP`, `FAULT` or `INIT`. */
  readonly state: string;
  readonly interface: string;
  /** Address of the node that leads it, when it is another one that is heard. */
  readonly leader?: string;
  readonly vips: readonly { readonly address: string; readonly isSet: boolean }[];
}

/** What keepalived says of itself. */
export interface KeepalivedState {
  readonly routerId: string;
  readonly routers: readonly RouterState[];
}

/** Reads the file that keepalived writes when it gets SIGUSR1. Undefined as long as it is not all there. */
export function readDump(text: string): KeepalivedState | undefined {
  // nothing of what is read comes behind it
  const end = text.indexOf('------< Interfaces >------');
  const routerId = /^ Router ID = (.+)$/m.exec(text)?.[1];
  if (end === -1 || routerId === undefined) return undefined;
  const topology = text
    .slice(text.indexOf('------< VRRP Topology >------'), end)
    .split('------< VRRP Sockpool')[0];
  const [, ...sections] = (topology ?? '').split(/^ VRRP Instance = /m);
  return { routerId, routers: sections.map(readRouter) };
}

function readRouter(section: string): RouterState {
  const value = (name: string): string | undefined =>
    new RegExp(`^ +${name} = (.+)$`, 'm').exec(section)?.[1]?.trim();
  const [, excluded = ''] = section.split(/^ +Virtual IP Excluded.*$/m);
  const vips = [...excluded.matchAll(/^ +([0-9a-fA-F.:]+)(?:\/\d+)? dev (.*)$/gm)].map(
    ([, address = '', rest = '']) => ({ address, isSet: / set$/.test(rest.trimEnd()) }),
  );
  // as long as it has heard nobody it names what it has last named elsewhere
  const leader = Number(value('Master priority')) > 0 ? value('Master router') : undefined;
  return {
    name: section.split('\n', 1)[0]?.trim() ?? '',
    state: value('State') ?? 'INIT',
    interface: value('Interface') ?? '',
    ...(leader !== undefined && { leader }),
    vips,
  };
}
