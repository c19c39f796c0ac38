// The fake VPP of the tests in a process of its own: what it takes to answer is part of every figure.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformFileSync } from '@swc/core';
import { ROOT } from '../../prepare.mjs';
import { answer } from './domain-of.mjs';

const FAKE = join(ROOT, 'apps/dataplane-agent/src/drivers/vpp/api/fake');
const OPTIONS = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } };

const { path } = JSON.parse(process.argv[2]);
const dir = mkdtempSync(join(tmpdir(), 'signalbox-bench-vpp-'));
writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
for (const file of readdirSync(FAKE).filter((name) => name.endsWith('.fixture.ts')))
  writeFileSync(join(dir, file.replace(/ts$/, 'js')), transformFileSync(join(FAKE, file), OPTIONS).code);
const { FakeVpp } = await import(pathToFileURL(join(dir, 'fake-vpp.fixture.js')).href);
const fake = await FakeVpp.start(path);

answer(
  () => ({ writes: fake.writes.length, mistakes: fake.mistakes }),
  async () => {
    await fake.stop();
    rmSync(dir, { recursive: true, force: true });
  },
);
