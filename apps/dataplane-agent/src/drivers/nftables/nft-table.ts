import { type ChainLines, chainLines, type StandingTable, standingTable } from './table-listing.js';
import { ingressStands, listenerStands, placesOf, sharesStand, type StandingRules } from './table-check.js';
import type { TableSettings } from './table-rules.js';
import { slotCount } from './target-slots.js';
import { refusal, runProgram } from './nft-program.js';
import type { NftTime } from './nft-time.js';

const ABSENT = /No such file or directory/;

/** Tables beyond one of these are large: `nft` reads all elements of all maps before it tells any rule. */
const MOST_CHECKED = { targets: 5_000, slots: 200_000 } as const;

/** Our tables in the kernel, one of each family that is needed, by the program `nft`. */
export class NftTable {
  constructor(
    readonly name: string,
    private readonly program: string,
    private readonly settings: TableSettings,
  ) {}

  /** What the tables say that stands: quick, whatever their maps hold. Undefined: there is none. */
  async standing(time: NftTime): Promise<StandingTable | undefined> {
    const text = (await this.ask(['list', 'chains'], time)) ?? '';
    return standingTable(chainLines(text, this.name), chainLines(text, this.name, 'netdev'));
  }

  /**
   * Names of the listeners that are as they were made; undefined: not even what they share is. Of a table that takes seconds to be
   * told, rules are not looked at: only that all chains are there and called, and that places lead to them.
   */
  async sound(standing: StandingTable, time: NftTime): Promise<ReadonlySet<string> | undefined> {
    const isLarge = isLargeTable(standing);
    const inet = await this.chains('inet', isLarge, time);
    if (!sharesStand(inet, this.settings, !isLarge)) return undefined;
    const hasIngress = standing.devices !== undefined;
    const netdev = hasIngress ? await this.chains('netdev', isLarge, time) : new Map<string, string[]>();
    if (!ingressStands(netdev, standing, !isLarge)) return undefined;
    const rules: StandingRules = {
      inet: { chains: inet, places: await this.places('inet', time) },
      netdev: {
        chains: netdev,
        places: hasIngress ? await this.places('netdev', time) : new Set(),
      },
    };
    const sound = standing.listeners.filter((listener) => listenerStands(listener, rules, !isLarge));
    return new Set(sound.map(({ name }) => name));
  }

  /** Of a large table, chains without their rules. */
  private async chains(family: 'inet' | 'netdev', isLarge: boolean, time: NftTime): Promise<ChainLines> {
    const order = isLarge ? ['list', 'chains', family] : ['-t', 'list', 'table', family, this.name];
    return chainLines((await this.ask(order, time)) ?? '', this.name, family);
  }

  /** Where its maps of places lead. */
  private async places(family: 'inet' | 'netdev', time: NftTime): Promise<ReadonlySet<string>> {
    let listing = '';
    for (const map of ['d4', 'd6']) {
      listing += (await this.ask(['list', 'map', family, this.name, map], time)) ?? '';
    }
    return placesOf(listing);
  }

  /** Does all commands, or none. Rejects with `data-plane-unavailable` or `data-plane-refused`. */
  async change(script: string, time: NftTime): Promise<void> {
    const said = await runProgram(this.program, ['-f', '-'], time, script);
    if (said.code !== 0) throw refusal(this.program, said);
  }

  /** What the program says; undefined when there is no such thing. */
  async ask(args: readonly string[], time: NftTime): Promise<string | undefined> {
    const said = await runProgram(this.program, args, time);
    if (said.code === 0) return said.out;
    if (ABSENT.test(said.err)) return undefined;
    throw refusal(this.program, said);
  }
}

function isLargeTable({ listeners }: StandingTable): boolean {
  const targets = listeners.reduce((sum, one) => sum + one.targets.length, 0);
  if (targets > MOST_CHECKED.targets) return true;
  return listeners.reduce((sum, one) => sum + slotCount(one), 0) > MOST_CHECKED.slots;
}
