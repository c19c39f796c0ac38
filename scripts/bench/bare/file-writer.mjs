// The least that brings bytes to a file for good: write beside it, fsync, rename, fsync of the directory. One at a time; what is
// asked for meanwhile is the next document, as a sink does it.
// argv: the file. stdin: the number of names that the file has, a line each. Names are `n-<number>`, padded as those of the site.
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

const [path, width] = process.argv.slice(2);
let wanted = 0;
let isBusy = false;
let text = '';
let written = 0;

for await (const line of createInterface({ input: process.stdin })) {
  wanted = Number(line);
  if (!isBusy) void write();
}

async function write() {
  isBusy = true;
  while (written < wanted) {
    const count = wanted;
    for (let n = written + 1; n <= count; n += 1) text += `${`n-${n}`.padEnd(Number(width), '-')}\n`;
    await replace(text);
    written = count;
  }
  isBusy = false;
}

async function replace(content) {
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
