import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ensureSiteKeys, findNatsBinary } from '@signalbox/embedded';
import { CHECKOUT, optionalProgram, runCommand, Site, tellNotRun } from '@signalbox/testing';
import { parse } from 'yaml';

jest.setTimeout(300_000);

const DEPLOY = join(CHECKOUT, 'deploy');
const IMAGES = ['node:22-slim', 'nats:2.12-alpine', 'postgres:17'];
const MONITORING_IMAGES = [/^prom\/prometheus:v\d+\.\d+\.\d+$/, /^grafana\/grafana:\d+\.\d+\.\d+$/];
const OUR_IMAGE = '${SIGNALBOX_IMAGE:-signalbox:local}';
/** What Postgres runs once, when its volume is new. */
const INIT_OF_POSTGRES = '/docker-entrypoint-initdb.d';
/** Speaks to its agent only, by sockets. */
const KEYLESS = 'haproxy';
/** Knows NATS only. */
const WITHOUT_DATABASE = 'dataplane-agent';
/** Starts programs as another user. */
const PLUGIN_RUNNER = 'plugin-runner';
const NO_SERVICE = ['cli', 'standalone'];
/** `!override` replaces what an extended service has, instead of adding to it. */
const OVERRIDE = ['seq', 'map'].map((collection) => ({
  tag: '!override',
  collection: collection as 'seq' | 'map',
}));

interface Mount {
  readonly type?: string;
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly volume?: { readonly subpath?: string };
}

interface Container {
  readonly image?: string;
  readonly build?: object;
  readonly extends?: { readonly file: string; readonly service: string };
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly restart?: string;
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly (string | Mount)[];
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly [member: string]: unknown;
}

interface ComposeFile {
  readonly include?: readonly string[];
  readonly services: Readonly<Record<string, Container>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const [site, siteB, monitoring] = (await Promise.all(
  ['docker-compose.yml', 'deploy/compose/site-b.yml', 'deploy/compose/monitoring.yml'].map(async (file) => {
    const text = await readFile(join(CHECKOUT, file), 'utf8');
    return parse(text, { merge: true, customTags: OVERRIDE }) as ComposeFile;
  }),
)) as [ComposeFile, ComposeFile, ComposeFile];

const apps = await servicesOfNest();
const { setup, ...running } = site.services as Record<string, Container>;
const everywhere = { ...site.services, ...siteB.services, ...monitoring.services };

describe('docker-compose.yml', () => {
  it('has a container for every service, and the files of the profiles', () => {
    expect(Object.keys(site.services).sort()).toEqual(
      ['haproxy', 'nats', 'postgres', 'setup', ...apps].sort(),
    );
    expect(site.include).toEqual(['deploy/compose/site-b.yml', 'deploy/compose/monitoring.yml']);
  });

  it.each(Object.entries({ ...running, ...monitoring.services }))(
    '%s is bounded, watched, and no more than an ordinary user',
    (name, container) => {
      expect(container).toMatchObject({
        restart: 'unless-stopped',
        init: true,
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        stop_grace_period: '15s',
        mem_limit: expect.stringMatching(/^\d+[mg]$/),
        // more than the machine has, and Docker does not start it
        cpus: name in running ? '${SIGNALBOX_CPUS:-1}' : 1,
        pids_limit: expect.any(Number),
        tmpfs: expect.arrayContaining([expect.stringMatching(/^\/tmp:size=/)]),
        logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
        healthcheck: {
          test: expect.arrayContaining(['CMD']),
          interval: '30s',
          start_interval: '2s',
          timeout: '5s',
        },
      });
      if (name !== PLUGIN_RUNNER)
        expect([container.cap_add, container.user === 'root']).toEqual([undefined, false]);
      if (container.image !== OUR_IMAGE) expect(container.user).toMatch(/^(postgres|[1-9]\d*:\d+)$/);
      for (const port of container.ports ?? [])
        expect(port).toMatch(/^\$\{SIGNALBOX_BIND:-127\.0\.0\.1\}:\$\{/);
    },
  );

  it('P17 plugins run as a user of their own, whom the image has; their service has the rights for that only', async () => {
    expect(running[PLUGIN_RUNNER]).toMatchObject({
      user: 'root',
      cap_add: ['CHOWN', 'DAC_OVERRIDE', 'KILL', 'SETGID', 'SETUID'],
      environment: { SIGNALBOX_PLUGIN_USER: 'signalbox-plugin' },
    });
    const dockerfile = await readFile(join(DEPLOY, 'Dockerfile'), 'utf8');
    expect(dockerfile).toMatch(/useradd --system .*signalbox-plugin/);
    expect(dockerfile).toMatch(/apt-get install .*bubblewrap/);
  });

  it('setup runs once, without a network and without a right', () => {
    expect(setup).toMatchObject({
      restart: 'no',
      network_mode: 'none',
      read_only: true,
      cap_drop: ['ALL'],
      build: { dockerfile: 'deploy/Dockerfile' },
    });
    expect(setup!.cap_add).toBeUndefined();
    for (const [name, container] of Object.entries(running)) {
      expect([name, container.depends_on]).toEqual([
        name,
        { setup: { condition: 'service_completed_successfully' } },
      ]);
    }
  });

  it('names only the images that are allowed, and builds on one of them', async () => {
    for (const { image } of Object.values(site.services))
      if (image) expect([...IMAGES, OUR_IMAGE]).toContain(image);
    for (const { image } of Object.values(monitoring.services))
      expect(MONITORING_IMAGES.some((allowed) => allowed.test(image!))).toBe(true);
    const dockerfile = await readFile(join(DEPLOY, 'Dockerfile'), 'utf8');
    const stages = [...dockerfile.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)];
    const names = stages.flatMap(([, , name]) => name ?? []);
    for (const [, from] of stages) expect([...names, 'node:22-slim']).toContain(from);
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  it('has no secret in an environment', () => {
    for (const [name, { environment = {} }] of Object.entries(everywhere)) {
      for (const [variable, value] of Object.entries(environment)) {
        if (/PASSWORD|SECRET|TOKEN|SEED|KEY/.test(variable))
          expect([name, variable]).toEqual([name, expect.stringMatching(/_(FILE|DIR)$/)]);
        expect([name, variable, String(value)]).toEqual([
          name,
          variable,
          expect.not.stringMatching(/:\/\/[^/]*:[^/]*@/),
        ]);
      }
    }
  });

  it('declares every volume that is mounted, and mounts every one', () => {
    for (const file of [site, siteB, monitoring]) {
      const declared = new Set([...Object.keys(file.volumes), ...(file === monitoring ? ['keys'] : [])]);
      const mounted = new Set(
        Object.values(file.services).flatMap((container) =>
          mountsOf(container)
            .map(({ source }) => source)
            .filter((source) => /^[a-z][a-z-]*$/.test(source)),
        ),
      );
      expect([...mounted].sort()).toEqual([...declared].sort());
    }
  });
});

describe('the keys', () => {
  let dir: string;
  let made: string[];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-keys-'));
    ensureSiteKeys({ dir, usersFile: join(DEPLOY, 'nats', 'users.conf'), databasePassword: true });
    const script = await readFile(join(DEPLOY, 'image', 'bin', 'setup'), 'utf8');
    const [, ours] = /^mkdir -p (.*)$/m.exec(script)!;
    made = [...(await readdir(dir)), ...ours!.split(' ').map((directory) => directory.replace('/keys/', ''))];
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('a container sees one directory, its own, which setup makes, and cannot write there', () => {
    const containers = { ...running, grafana: monitoring.services['grafana']! };
    for (const [name, container] of Object.entries(containers)) {
      if (name === KEYLESS) {
        expect(mountsOf(container).map(({ source }) => source)).toEqual(['haproxy']);
        continue;
      }
      const keys = mountsOf(container).filter(
        ({ source, target }) => source === 'keys' && target !== INIT_OF_POSTGRES,
      );
      expect([name, keys]).toEqual([
        name,
        [{ type: 'volume', source: 'keys', target: '/keys', read_only: true, volume: { subpath: name } }],
      ]);
      expect(made).toContain(name);
    }
  });

  it.each(apps)('%s finds the files that its environment names', async (name) => {
    const { environment = {} } = running[name]!;
    const files = Object.entries(environment).filter(([variable]) => variable.endsWith('_FILE'));
    expect(files).toHaveLength(name === WITHOUT_DATABASE ? 1 : 2);
    const there = await readdir(join(dir, name));
    for (const [, file] of files) expect(there).toContain(String(file).replace(/^\/keys\//, ''));
  });

  it('the role of the services is made by a superuser whose password no service has', async () => {
    const { environment, volumes } = running['postgres']!;
    expect(environment).toEqual({
      POSTGRES_USER: 'postgres',
      POSTGRES_PASSWORD_FILE: '/keys/superuser.password',
    });
    expect(volumes).toContainEqual({
      type: 'volume',
      source: 'keys',
      target: INIT_OF_POSTGRES,
      read_only: true,
      volume: { subpath: 'postgres/init' },
    });
    expect(made).toContain('postgres/init');
    const role = await readFile(join(DEPLOY, 'postgres', 'role.sql'), 'utf8');
    expect(role).toMatch(
      /^create role signalbox login nosuperuser nocreatedb nocreaterole password :'password';$/m,
    );
    expect(role).toMatch(/^create database signalbox owner signalbox;$/m);
    expect(role).not.toMatch(/^(grant|alter)/im);
    const password = await readFile(join(dir, 'postgres', 'password'), 'utf8');
    expect(running[WITHOUT_DATABASE]!.environment).not.toHaveProperty('DATABASE_URL');
    for (const name of apps.filter((app) => app !== WITHOUT_DATABASE)) {
      expect(running[name]!.environment).toMatchObject({
        DATABASE_URL: 'postgres://signalbox@postgres:5432/signalbox',
        DATABASE_PASSWORD_FILE: '/keys/database.password',
      });
      expect(await readFile(join(dir, name, 'database.password'), 'utf8')).toBe(password);
    }
  });

  it('NATS takes its configuration with the users beside it', async () => {
    const binary = await findNatsBinary({
      env: process.env,
      cacheDir: join(CHECKOUT, '.signalbox', 'cache'),
    });
    const file = join(dir, 'nats', 'nats.conf');
    await copyFile(join(DEPLOY, 'nats', 'nats.conf'), file);
    const env = { ...process.env, SIGNALBOX_NATS_MAX_STORE: '16GB' };
    let { code, stderr } = await runCommand(binary, ['-t', '-c', file], { env });
    if (code !== 0 && /unknown field "sync_interval"/.test(stderr)) {
      // servers before 2.10
      await writeFile(file, (await readFile(file, 'utf8')).replace(/^\s*sync_interval:.*$/m, ''));
      ({ code, stderr } = await runCommand(binary, ['-t', '-c', file], { env }));
    }
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  });
});

describe('the second site', () => {
  it('has every container of the first, with volumes of its own and away from its network', () => {
    expect(Object.keys(siteB.services).sort()).toEqual(
      Object.keys(site.services)
        .map((name) => `${name}-b`)
        .sort(),
    );
    for (const [name, container] of Object.entries(siteB.services)) {
      const original = site.services[name.replace(/-b$/, '')]!;
      expect(container).toMatchObject({
        extends: { file: '../../docker-compose.yml', service: name.replace(/-b$/, '') },
        profiles: ['two-sites'],
      });
      const volumes = mountsOf(original).filter(({ source }) => source in site.volumes);
      expect([name, mountsOf(container)]).toEqual([
        name,
        volumes.map((mount) => ({ ...mount, source: `${mount.source}-b` })),
      ]);
      if (name === 'setup-b') continue;
      const networks = namesOf(container.networks);
      expect(networks).toContain('site-b');
      expect(networks).not.toContain('default');
      expect(networks.includes('between-sites')).toBe(namesOf(original.networks).includes('between-sites'));
      expect(container.depends_on).toEqual({ 'setup-b': { condition: 'service_completed_successfully' } });
      expect((container.ports ?? []).length).toBe((original.ports ?? []).length);
    }
  });

  it.each(apps)('%s-b speaks to servers of the second site', (name) => {
    const { environment = {} } = siteB.services[`${name}-b`]!;
    for (const [variable, value] of Object.entries(running[name]!.environment ?? {}))
      if (variable.endsWith('_URL'))
        expect(environment[variable]).toBe(String(value).replace(/(nats|postgres|ingest):(?=\d)/, '$1-b:'));
  });
});

describe('scripts', () => {
  it.each([
    'deploy/backup.sh',
    'deploy/restore.sh',
    'deploy/install.sh',
    'deploy/image/entrypoint.sh',
    'deploy/image/slim-packages.sh',
    'deploy/image/bin/setup',
    'deploy/image/bin/keep-secret',
    'deploy/image/bin/ready',
    'deploy/image/bin/haproxy-with-agent',
    'deploy/image/bin/haproxy-ready',
  ])('%s can be read by its shell', async (file) => {
    const [first] = (await readFile(join(CHECKOUT, file), 'utf8')).split('\n');
    const shell = first!.replace('#!', '');
    if (!existsSync(shell)) return tellNotRun(`a look at ${file}`, `${shell} is not installed`);
    expect(await runCommand(shell, ['-n', join(CHECKOUT, file)])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('monitoring', () => {
  it('uses only metrics that services have', async () => {
    const one = await Site.start();
    try {
      const text = await (await fetch(`${one.url}/metrics`)).text();
      const known = new Set(['up']);
      for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
        known.add(name!);
        if (type === 'histogram') for (const part of ['bucket', 'sum', 'count']) known.add(`${name}_${part}`);
      }
      const expressions = await expressionsUsed();
      expect(expressions.length).toBeGreaterThan(20);
      const used = expressions.flatMap((expression) => metricsOf(expression));
      expect(used.length).toBeGreaterThan(expressions.length / 2);
      expect([...new Set(used)].filter((name) => !known.has(name))).toEqual([]);
    } finally {
      await one.stop();
    }
  });

  it('scrapes every service of both sites', async () => {
    const config = parse(await readFile(join(DEPLOY, 'prometheus', 'prometheus.yml'), 'utf8')) as {
      scrape_configs: {
        static_configs?: { targets: string[] }[];
        dns_sd_configs?: { names: string[]; port: number }[];
      }[];
    };
    const targets = config.scrape_configs.flatMap(
      ({ static_configs: fixed = [], dns_sd_configs: found = [] }) => [
        ...fixed.flatMap((group) => group.targets),
        ...found.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
      ],
    );
    expect(targets.sort()).toEqual(apps.flatMap((name) => [`${name}:7800`, `${name}-b:7800`]).sort());
  });

  it('every alert says what it means and what to do', async () => {
    for (const { alert, labels, annotations } of await alertRules()) {
      expect([alert, labels.severity]).toEqual([alert, expect.stringMatching(/^(critical|warning|info)$/)]);
      expect([alert, annotations]).toEqual([
        alert,
        { summary: expect.any(String), description: expect.stringMatching(/\S.{30}/s) },
      ]);
    }
  });

  const promtool = optionalProgram('promtool', 'configuration and rules of Prometheus by promtool');
  (promtool === undefined ? it.skip : it)('promtool takes configuration and rules', async () => {
    const check = await runCommand(promtool!, ['check', 'config', 'prometheus.yml'], {
      cwd: join(DEPLOY, 'prometheus'),
    });
    expect(check).toMatchObject({ code: 0 });
  });

  (promtool === undefined ? it.skip : it)('alerts fire before something is full, and only then', async () => {
    const test = await runCommand(promtool!, ['test', 'rules', 'alerts.test.yml'], {
      cwd: join(DEPLOY, 'prometheus'),
    });
    expect({ code: test.code, said: test.code === 0 ? '' : test.stdout + test.stderr }).toEqual({
      code: 0,
      said: '',
    });
  });
});

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

async function alertRules(): Promise<AlertRule[]> {
  const text = await readFile(join(DEPLOY, 'prometheus', 'alerts.yml'), 'utf8');
  return (parse(text) as { groups: { rules: AlertRule[] }[] }).groups.flatMap(({ rules }) => rules);
}

/** PromQL of all alerts and of all panels. */
async function expressionsUsed(): Promise<string[]> {
  const dashboard = JSON.parse(
    await readFile(join(DEPLOY, 'grafana', 'dashboards', 'signalbox.json'), 'utf8'),
  ) as {
    panels: { targets?: { expr: string }[] }[];
  };
  return [
    ...(await alertRules()).map(({ expr }) => expr),
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ];
}

/** What is left of PromQL when strings, label lists, functions and numbers are taken away: metrics have an underscore. */
function metricsOf(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '')
    .replace(/\b(by|on|without|ignoring) *\([^)]*\)/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '');
  return [...bare.matchAll(/\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+|up)\b(?! *\()/g)].map(([, name]) => name!);
}

/** Mounts in their long form. */
function mountsOf({ volumes = [] }: Container): Mount[] {
  return volumes.map((volume) => {
    if (typeof volume !== 'string') return volume;
    const [, source, target, mode] = /^(\$\{[^}]*\}|[^:]+):([^:]+)(?::(ro))?$/.exec(volume)!;
    return { source: source!, target: target!, ...(mode && { read_only: true }) };
  });
}

function namesOf(networks: Container['networks']): readonly string[] {
  return Array.isArray(networks) ? networks : Object.keys(networks ?? {});
}

async function servicesOfNest(): Promise<string[]> {
  const { projects } = JSON.parse(await readFile(join(CHECKOUT, 'nest-cli.json'), 'utf8')) as {
    projects: Record<string, { type: string }>;
  };
  return Object.keys(projects).filter(
    (name) => projects[name]!.type === 'application' && !NO_SERVICE.includes(name),
  );
}
