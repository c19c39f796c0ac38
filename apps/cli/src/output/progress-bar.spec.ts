import { expect, it } from '@jest/globals';
import { ProgressBar, progressText } from './progress-bar.js';

it.each([
  [0, 10, '[------------------------------]   0 %'],
  [5, 10, '[###############---------------]  50 %'],
  [9.99, 10, '[#############################-]  99 %'],
  [10, 10, '[##############################] 100 %'],
  [0, 0, '[##############################] 100 %'],
  [12, 10, '[##############################] 100 %'],
])('%d of %d is shown as %s', (done, total, text) => {
  expect(progressText({ label: 'runs', done, total, count: 0 })).toBe(`runs ${text}`);
});

it('is one line of a terminal, with the rate of what it shows, and leaves nothing behind', () => {
  let [written, nowMs] = ['', 1000];
  const terminal = (isTty: boolean) => ({
    err: { isTty, write: (text: string) => void (written += text) },
    nowMs: () => nowMs,
  });
  const bar = new ProgressBar(terminal(true));
  bar.show({ label: 'runs', done: 1, total: 4, count: 100 });
  nowMs += 2000;
  bar.show({ label: 'runs', done: 2, total: 4, count: 5100 });
  bar.clear();
  bar.clear();
  expect(written.split('\r\x1b[K')).toEqual([
    '',
    'runs [#######-----------------------]  25 %',
    'runs [###############---------------]  50 %  2,500/s',
    '',
  ]);
  written = '';
  const silent = new ProgressBar(terminal(false));
  silent.show({ label: 'runs', done: 1, total: 4, count: 1 });
  silent.clear();
  expect(written).toBe('');
});
