import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Prober, ProbeTarget } from './probe.js';
import type { ProberAnswer, ProberRequest } from './prober-messages.js';

/** Makes the probes that are asked for, a line each, until the input ends; what is in work then is cancelled. */
export async function serveProbes(prober: Prober, input: Readable, output: Writable): Promise<void> {
  const inWork = new Map<number, AbortController>();
  const lines = createInterface({ input, crlfDelay: Infinity });
  const ended = new Promise<void>((resolve) => lines.once('close', resolve));
  lines.on('line', (line) => {
    const request = JSON.parse(line) as ProberRequest;
    if ('cancel' in request) inWork.get(request.cancel)?.abort();
    else void answer(request.id, request.target);
  });

  async function answer(id: number, target: ProbeTarget): Promise<void> {
    const abort = new AbortController();
    inWork.set(id, abort);
    const result = await prober.probe(target, abort.signal);
    inWork.delete(id);
    if (!abort.signal.aborted) output.write(`${JSON.stringify({ id, result } satisfies ProberAnswer)}\n`);
  }

  await ended;
  for (const abort of inWork.values()) abort.abort();
  await prober.close();
}
