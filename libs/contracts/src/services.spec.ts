import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { SERVICES } from './services.js';

/** Programs of the project that are no services. */
const TOOLS = ['cli', 'standalone'];
/** What a composed site has besides. */
const SERVERS = ['setup', 'nats', 'postgres', 'haproxy'];
/** NATS users that are people or tools. */
const PEOPLE = ['operator', 'publisher'];

const text = (file: string): string => readFileSync(file, 'utf8');
// compose has tags of its own
const yaml = <T>(file: string): T => parse(text(file), { logLevel: 'error' }) as T;

/** The services of a compose file, those of a profile of their own left out. */
function composed(file: string): string[] {
  const { services } = yaml<{ services: Record<string, { profiles?: readonly string[] }> }>(file);
  return Object.keys(services);
}

/** Both in the order of the names. */
function expectAll(found: readonly string[], others: readonly string[] = []): void {
  expect([...found].sort()).toEqual([...SERVICES, ...others].sort());
}

describe('the one list of services', () => {
  it('is what nest builds', () => {
    const { projects } = JSON.parse(text('nest-cli.json')) as { projects: Record<string, { type: string }> };
    const programs = Object.keys(projects).filter((name) => projects[name]?.type === 'application');
    expectAll(programs, TOOLS);
  });

  it('is what docker compose starts, for both sites', () => {
    expectAll(composed('docker-compose.yml'), SERVERS);
    expectAll(
      composed('deploy/compose/site-b.yml').map((name) => name.replace(/-b$/, '')),
      SERVERS,
    );
  });

  it('is who may log in to NATS', () => {
    const keys = text('deploy/nats/users.conf').matchAll(/nkey: \$([A-Z_]+)_KEY/g);
    expectAll(
      [...keys].map(([, name = '']) => name.toLowerCase().replaceAll('_', '-')),
      PEOPLE,
    );
  });

  it('is what Prometheus scrapes, at both sites', () => {
    interface Job {
      readonly static_configs?: readonly { readonly targets: readonly string[] }[];
      readonly dns_sd_configs?: readonly { readonly names: readonly string[] }[];
    }
    const { scrape_configs: jobs } = yaml<{ scrape_configs: readonly Job[] }>(
      'deploy/prometheus/prometheus.yml',
    );
    const first = jobs.flatMap((job) => job.static_configs ?? []).flatMap(({ targets }) => targets);
    const second = jobs.flatMap((job) => job.dns_sd_configs ?? []).flatMap(({ names }) => names);
    expectAll(first.map((target) => target.replace(/:\d+$/, '')));
    expectAll(second.map((name) => name.replace(/-b$/, '')));
  });
});
