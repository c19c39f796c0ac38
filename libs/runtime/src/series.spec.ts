import { expect, it } from '@jest/globals';
import { labelText, type ManySeries, seriesLine, seriesText } from './series.js';

async function textOf(series: ManySeries): Promise<string> {
  let text = '';
  for await (const piece of seriesText(series)) text += piece;
  return text;
}

it('writes labels in alphabetical order and escapes their values', () => {
  expect(labelText({ state: 'up', backend: 'a"b\\c\nd' })).toBe('backend="a\\"b\\\\c\\nd",state="up"');
});

it('writes help, type and every line once, also when there are many', async () => {
  const lines = Array.from({ length: 5001 }, (_one, n) =>
    seriesLine('x_total', labelText({ n: String(n) }), n),
  );
  const text = await textOf({ name: 'x_total', help: 'Many', type: 'counter', lines: () => lines });
  expect(text).toBe(`# HELP x_total Many\n# TYPE x_total counter\n${lines.join('\n')}\n\n`);
  expect(lines[7]).toBe('x_total{n="7"} 7');
});

it('lets other work happen in between', async () => {
  const seen: string[] = [];
  const lines = function* (): Generator<string> {
    for (let n = 0; n < 6000; n += 1) yield 'x 1';
    seen.push('end of the lines');
  };
  setImmediate(() => seen.push('other work'));
  await textOf({ name: 'x', help: 'Many', type: 'gauge', lines });
  expect(seen).toEqual(['other work', 'end of the lines']);
});
