import { type ChainLines, chainLines, type StandingTable, standingTable } from './table-listing.js';
import { listenerStands, sharesStand } from './table-check.js';
import type { TableSettings } from './table-rules.js';
import { refusal, runProgram } from './nft-program.js';
import type { NftTime } from './nft-time.js';

const ABSENT = /No such file or directory/;

/** Our table in the kernel, by the program `nft`. */
export class NftTable {
  constructor(
    readonly name: string,
    private readonly program: string,
    private readonly settings: TableSettings,
  ) {}

  /** What the table says that stands: quick, whatever its maps hold. Undefined: there is none. */
  async standing(time: NftTime): Promise<StandingTable | undefined> {
    const text = await this.ask(['list', 'chains', 'inet'], time);
    return standingTable(chainLines(text ?? '', this.name));
  }

  /** Names of the listeners that are as they were made; undefined: not even what they share is. */
  async sound(standing: StandingTable, time: NftTime): Promise<ReadonlySet<string> | undefined> {
    const text = await this.ask(['-t', 'list', 'table', 'inet', this.name], time);
    const chains: ChainLines = chainLines(text ?? '', this.name);
    if (!sharesStand(chains, this.settings)) return undefined;
    let places = '';
    for (const map of ['d4', 'd6']) {
      places += (await this.ask(['list', 'map', 'inet', this.name, map], time)) ?? '';
    }
    const sound = standing.listeners.filter((listener) => listenerStands(listener, chains, places));
    return new Set(sound.map(({ name }) => name));
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
