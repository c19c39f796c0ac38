import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SERVICES } from '@signalbox/contracts';
import { CHECKOUT } from '@signalbox/testing';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { CHART, chartDigest, RELEASES, RENDERED } from '../../scripts/helm/chart.mjs';

const AGENT = 'dataplane-agent';
const PLUGIN_RUNNER = 'plugin-runner';
/** Where each variable of the chart stands that compose has no need of, and the other way round. */
const OF_COMPOSE_ONLY =
  /^SIGNALBOX_(ACTIVITY|COMPACT|DEAD|FACTS|INTAKE|JOURNAL|PRUNE|STORAGE|SANDBOX|SINK_COMMAND)/;

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
  readonly securityContext: { readonly capabilities: { readonly add?: readonly string[] } };
  readonly [member: string]: unknown;
}

interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string };
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly replicas?: number;
    readonly strategy?: object;
    readonly selector?: { readonly matchLabels?: object };
    readonly template?: {
      readonly metadata: { readonly labels: object };
      readonly spec: {
        readonly automountServiceAccountToken: boolean;
        readonly securityContext: object;
        readonly containers: readonly Container[];
        readonly volumes: readonly Volume[];
      };
    };
    readonly [member: string]: unknown;
  };
}

function rendered(name: keyof typeof RELEASES): readonly Manifest[] {
  const text = readFileSync(join(RENDERED, `${name}.yaml`), 'utf8');
  return parseAllDocuments(text).flatMap((document) => (document.toJS() as Manifest | null) ?? []);
}

const manifests = { defaults: rendered('defaults'), everything: rendered('everything') };
const deployments = ofKind('Deployment');

function ofKind(kind: string, release: keyof typeof RELEASES = 'everything'): readonly Manifest[] {
  return manifests[release].filter((one) => one.kind === kind);
}

function serviceOf({ metadata }: Manifest): string {
  return metadata.labels['app.kubernetes.io/component']!;
}

describe('the Helm chart', () => {
  it.each(Object.keys(RELEASES))(
    '%s is what Helm made of the chart as it is now (npm run helm:check)',
    async (name) => {
      const text = await readFile(join(RENDERED, `${name}.yaml`), 'utf8');
      expect(text.slice(0, text.indexOf('\n'))).toBe(`# chart ${chartDigest()}`);
    },
  );

  it('has a Deployment, a Service and a budget for every service; the agent of a node where it is wanted', () => {
    for (const kind of ['Deployment', 'Service', 'PodDisruptionBudget']) {
      expect([kind, ofKind(kind).map(serviceOf).sort()]).toEqual([kind, [...SERVICES].sort()]);
      const usual = SERVICES.filter((name) => name !== AGENT);
      expect([kind, ofKind(kind, 'defaults').map(serviceOf).sort()]).toEqual([kind, usual.sort()]);
    }
    expect(ofKind('PersistentVolumeClaim').map(serviceOf)).toEqual(['api', 'sinks']);
    // a drain of a machine is possible though there is one Pod of each
    for (const { spec } of ofKind('PodDisruptionBudget')) expect(spec['maxUnavailable']).toBe(1);
  });

  it.each(deployments.map((one) => [serviceOf(one), one] as const))(
    '%s runs once, bounded and without rights',
    (name, one) => {
      const { replicas, strategy, selector, template } = one.spec;
      expect({ replicas, strategy }).toEqual({ replicas: 1, strategy: { type: 'Recreate' } });
      expect(template!.metadata.labels).toMatchObject(selector!.matchLabels!);
      const { automountServiceAccountToken, securityContext, containers, volumes } = template!.spec;
      expect(automountServiceAccountToken).toBe(false);
      const user = name === PLUGIN_RUNNER ? {} : { runAsNonRoot: true, runAsUser: 1000 };
      expect(securityContext).toMatchObject({ seccompProfile: { type: 'RuntimeDefault' }, ...user });
      for (const container of containers) {
        expect(container).toMatchObject({
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: { limits: { memory: expect.stringMatching(/^\d+[MG]i$/) } },
          livenessProbe: expect.anything(),
          readinessProbe: expect.anything(),
        });
        const names = volumes.map((volume) => volume.name);
        for (const mount of container.volumeMounts) expect(names).toContain(mount.name);
      }
      expect(containers[0]).toMatchObject({
        args: [name],
        startupProbe: { httpGet: { path: '/livez' } },
        livenessProbe: { httpGet: { path: '/livez' } },
        readinessProbe: { httpGet: { path: '/readyz' } },
      });
      expect(containers[0]!.securityContext.capabilities.add).toEqual(
        name === PLUGIN_RUNNER ? ['CHOWN', 'DAC_OVERRIDE', 'KILL', 'SETGID', 'SETUID'] : undefined,
      );
    },
  );

  it.each(deployments.map((one) => [serviceOf(one), one] as const))(
    '%s has its own keys, by reference, and no other',
    (name, one) => {
      const { containers, volumes } = one.spec.template!.spec;
      const keys = volumes.filter(({ secret }) => secret?.secretName.startsWith('signalbox-keys-'));
      expect(keys.map(({ secret }) => secret!.secretName)).toEqual([`signalbox-keys-${name}`]);
      for (const { env = [] } of containers)
        for (const variable of env) {
          expect([variable.name, typeof variable.value]).toEqual([variable.name, 'string']);
          if (/PASSWORD|SECRET|TOKEN|SEED|KEY/.test(variable.name))
            expect(variable.name).toMatch(/_(FILE|DIR)$/);
          expect(variable.value).not.toMatch(/:\/\/[^/]*:[^/]*@/);
        }
      const names = containers[0]!.env!.map((variable) => variable.name);
      expect(new Set(names).size).toBe(names.length);
      expect(names.includes('DATABASE_URL')).toBe(name !== AGENT);
    },
  );

  it('tells each service what compose tells it', async () => {
    const compose = parse(await readFile(join(CHECKOUT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
      services: Record<string, { environment?: Record<string, unknown> }>;
    };
    for (const one of deployments) {
      const name = serviceOf(one);
      const there = one.spec.template!.spec.containers[0]!.env!.map((variable) => variable.name);
      const wanted = Object.keys(compose.services[name]!.environment ?? {});
      const missing = wanted.filter(
        (variable) => !OF_COMPOSE_ONLY.test(variable) && !there.includes(variable),
      );
      expect([name, missing]).toEqual([name, []]);
    }
  });

  it('its values are those of its schema, which lets nothing else through', async () => {
    const schema = JSON.parse(await readFile(join(CHART, 'values.schema.json'), 'utf8')) as object;
    const values = parse(await readFile(join(CHART, 'values.yaml'), 'utf8')) as Record<string, object>;
    const check = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(schema);
    expect([check(values), check.errors]).toEqual([true, null]);
    for (const change of [
      { logLevel: 'loud' },
      { replicas: 2 },
      { extraEnv: { DATABASE_PASSWORD: 'secret' } },
    ])
      expect([change, check({ ...values, ...change })]).toEqual([change, false]);
    const database = { url: 'postgres://signalbox:password@postgres/signalbox' };
    expect(check({ ...values, database })).toBe(false);
  });

  it('has the version of the product', async () => {
    const { appVersion } = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8')) as { appVersion: string };
    const product = JSON.parse(await readFile(join(CHECKOUT, 'package.json'), 'utf8')) as { version: string };
    expect(appVersion).toBe(product.version);
  });
});
