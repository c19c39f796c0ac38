import { type TrackedFlow, trackedFlows } from './conntrack-entry.js';
import { refusal, runProgram } from './nft-program.js';
import type { NftTime } from './nft-time.js';

/** Connection tracking of the kernel, by the program `conntrack`. */
export class ConnectionTracking {
  constructor(private readonly program: string) {}

  /** Flows that arguments pick. */
  async list(filter: readonly string[], time: NftTime): Promise<TrackedFlow[]> {
    return this.run(['-L', ...filter], time);
  }

  /** Forgets the flows that arguments pick, and says which these were. */
  async forget(filter: readonly string[], time: NftTime): Promise<TrackedFlow[]> {
    return this.run(['-D', ...filter], time);
  }

  private async run(args: readonly string[], time: NftTime): Promise<TrackedFlow[]> {
    const said = await runProgram(this.program, args, time);
    // it fails when it finds nothing to forget, and says so
    if (said.code !== 0 && !/ 0 flow entries /.test(said.err)) throw refusal(this.program, said);
    return trackedFlows(said.out);
  }
}
