// What an operator wants to know beforehand: sizes, memory, times.
import { run } from './engine.mjs';

/** Lines for the report. */
export async function figures(project, image, services) {
  const size = Number(await run('docker', ['image', 'inspect', '--format', '{{.Size}}', image]));
  const names = services.map((service) => `${project.name}-${service}-1`);
  const stats = await run('docker', [
    'stats',
    '--no-stream',
    '--format',
    '{{.Name}} {{.MemUsage}}',
    ...names,
  ]);
  const memory = stats
    .trim()
    .split('\n')
    .map((line) => line.slice(project.name.length + 1).replace(/-1 (\S+) .*/, ': $1'));
  return [`image: ${(size / 1e6).toFixed(0)} MB`, ...memory.sort()];
}
