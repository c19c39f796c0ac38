import { ownerOfTrigger, type PluginOrder, type RunTrigger, sha256Hex } from '@signalbox/contracts';

/** The clock, or a person, starts it again: nobody retries a run that no fact waits for. */
const ONCE = { maxAttempts: 1, backoffMs: 0, maxBackoffMs: 0 } as const;

/** What a run that no subscription starts is for. */
export interface PluginRun {
  readonly plugin: string;
  readonly revision: number;
  readonly trigger: RunTrigger;
}

/** The order of a run that no subscription starts. `seed` tells runs of one owner apart: when it was planned, or a random text. */
export function pluginOrder({ plugin, revision, trigger }: PluginRun, seed: string): PluginOrder {
  const owner = ownerOfTrigger(plugin, trigger);
  const runId = `run-${sha256Hex(`${owner}\0${revision}\0${trigger.type}\0${seed}`).slice(0, 24)}`;
  return { runId, attempt: 1, plugin, revision, source: owner, facts: [], retry: ONCE, trigger };
}
