/** Why a persistent process was ended, or that it ended by itself (`exit`). A label of the metrics. */
export const END_REASONS = [
  'runs',
  'age',
  'idle',
  'changed',
  'timeout',
  'output-limit',
  'result-invalid',
  'stray-output',
  'exit',
  'shutdown',
] as const;
export type EndReason = (typeof END_REASONS)[number];
