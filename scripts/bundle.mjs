// Bundles what the build has compiled: one file per program and a few shared ones, so that a process loads a dozen files and not
// two thousand.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const BUNDLE = join(DIST, 'bundle');

/** Programs that are no app: started by one, as processes of their own. */
const OTHERS = { 'prober-process': 'apps/health/src/probes/prober-process.js' };

/** Stay packages of their own. */
const KEPT = [
  // finds the files of the API page beside itself
  'swagger-ui-dist',
  // must be there before any class with decorators is evaluated, which is why each file imports it first
  'reflect-metadata',
  // CommonJS that is imported only when it is needed, by names that a bundled package would not have
  ...['class-transformer', 'class-validator', '@fastify/cors', '@fastify/middie', '@fastify/static', 'yaml'],
  // loaded only where a collector is named
  ...[
    '@opentelemetry/api',
    '@opentelemetry/exporter-trace-otlp-http',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-trace-base',
  ],
];

/** What a bundled CommonJS module takes for granted. */
const HEAD = `import 'reflect-metadata';
import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

/**
 * Packages offer what is not installed here, such as other databases: nobody loads it, and it stays an import. What is in
 * {@link KEPT} must be told apart from what only seems to work.
 */
const packages = {
  name: 'packages',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, kind, resolveDir }) => {
      if (pluginData === packages) return undefined;
      const found = await resolve(path, { kind, resolveDir, pluginData: packages });
      if (found.errors.length > 0) return { path, external: true };
      if (found.external || kind !== 'dynamic-import' || !isCommonJs(found.path)) return undefined;
      return { errors: [{ text: `import('${path}') of CommonJS would lack its names: add it to KEPT` }] };
    });
  },
};

/** Whether a file of a package is CommonJS: by its ending, else by what its package says. */
function isCommonJs(file) {
  if (!file.endsWith('.js')) return file.endsWith('.cjs');
  let dir = dirname(file);
  while (!existsSync(join(dir, 'package.json'))) dir = dirname(dir);
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')).type !== 'module';
}

const apps = readdirSync(join(DIST, 'apps')).map((name) => [name, `apps/${name}/src/main.js`]);
rmSync(BUNDLE, { recursive: true, force: true });
await build({
  absWorkingDir: DIST,
  entryPoints: Object.fromEntries([...apps, ...Object.entries(OTHERS)]),
  outdir: BUNDLE,
  chunkNames: 'shared/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // names of classes are told in logs and errors
  keepNames: true,
  external: KEPT,
  banner: { js: HEAD },
  plugins: [packages],
  logLevel: 'warning',
});
