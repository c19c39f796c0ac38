/** Runs that wait for room on a process: first come, first served, those that are run again before the others. */
export class RunQueue<Run extends { readonly isAgain: boolean }> {
  private readonly again = new Set<Run>();
  private readonly fresh = new Set<Run>();

  get first(): Run | undefined {
    for (const run of this.again) return run;
    for (const run of this.fresh) return run;
    return undefined;
  }

  add(run: Run): void {
    (run.isAgain ? this.again : this.fresh).add(run);
  }

  remove(run: Run): void {
    this.again.delete(run);
    this.fresh.delete(run);
  }
}
