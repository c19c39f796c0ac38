// Adds to package-lock.json the optional packages of other platforms that a partial registry did not have, so that
// `npm ci` takes the lock everywhere. Run it after every `npm install` that changed the lock.
import { readFileSync, writeFileSync } from 'node:fs';

const OS = ['darwin', 'win32', 'linux', 'android', 'freebsd', 'openharmony'];
const CPU = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'loong64'];

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const packages = lock.packages;
let added = 0;
for (const [place, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (place === '' || packages[path] || packages[`${place}/${path}`]) continue;
    const os = OS.find((one) => name.includes(one));
    const cpu = CPU.find((one) => name.includes(one));
    if (!os || !cpu || !/^\d/.test(version)) continue;
    packages[path] = { version, cpu: [cpu], ...(entry.dev && { dev: true }), optional: true, os: [os] };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} added`);
