// The other end of FarProgram: does what it is asked, one thing after the other.
import { createInterface } from 'node:readline';

export async function answering(does) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [what, ...args] = JSON.parse(line);
    console.log(JSON.stringify((await does[what](...args)) ?? null));
  }
  process.exit(0);
}
