// What can be checked without an engine: the files fit together and can be read by whoever reads them.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../prepare.mjs';
import { check, notChecked, section } from './checks.mjs';

const COMPOSE_FILES = ['docker-compose.yml', 'deploy/compose/site-b.yml', 'deploy/compose/monitoring.yml'];
/** Apps that are no service of their own. */
const NO_SERVICE = ['cli', 'standalone'];

/** Runs the checks that need no engine. */
export async function checkFiles() {
  section('Files');
  const files = readdirSync(join(ROOT, 'deploy'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

  await check('every YAML file can be read', () => {
    const yaml = [...COMPOSE_FILES.map((file) => join(ROOT, file)), ...files].filter((file) =>
      /\.ya?ml$/.test(file),
    );
    for (const file of yaml) {
      const [wrong] = parseAllDocuments(readFileSync(file, 'utf8')).flatMap(({ errors }) => errors);
      if (wrong) throw new Error(`${file}: ${wrong.message}`);
    }
    return `${yaml.length} files`;
  });

  await check('every service of nest-cli.json is composed', () => {
    const { projects } = JSON.parse(readFileSync(join(ROOT, 'nest-cli.json'), 'utf8'));
    const wanted = Object.keys(projects).filter(
      (name) => projects[name].type === 'application' && !NO_SERVICE.includes(name),
    );
    const composed = readCompose('docker-compose.yml').services;
    const missing = wanted.filter((name) => !composed[name]);
    if (missing.length > 0) throw new Error(`docker-compose.yml has no ${missing.join(', ')}`);
    return `${wanted.length} services`;
  });

  await check('every shell script is one', () => {
    const scripts = files.filter((file) => readFileSync(file, 'utf8').startsWith('#!/bin/'));
    for (const file of scripts) {
      const shell = readFileSync(file, 'utf8').startsWith('#!/bin/bash') ? 'bash' : 'sh';
      const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${shell} -n ${file}: ${stderr}`);
    }
    return `${scripts.length} scripts`;
  });

  const prometheus = join(ROOT, 'deploy', 'prometheus');
  if (spawnSync('promtool', ['--version']).status === 0) {
    for (const [what, file] of [
      ['config', 'prometheus.yml'],
      ['rules', 'alerts.yml'],
    ]) {
      await check(`promtool takes ${file}`, () => {
        const { status, stdout, stderr } = spawnSync('promtool', ['check', what, file], {
          cwd: prometheus,
          encoding: 'utf8',
        });
        if (status !== 0) throw new Error(`${stdout}${stderr}`);
      });
    }
  } else notChecked('prometheus.yml and alerts.yml', 'promtool is not on the PATH');
}

function readCompose(file) {
  return parseAllDocuments(readFileSync(join(ROOT, file), 'utf8'), { merge: true })[0].toJS();
}
