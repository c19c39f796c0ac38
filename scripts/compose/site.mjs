// A composed site as the world sees it: REST and NATS on published ports, and nothing else.
import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, nkeyAuthenticator } from 'nats';
import { notChecked } from './checks.mjs';
import { interruption } from './engine.mjs';

const runFile = promisify(execFile);
const REQUEST_MS = 3_000;
const DEADLINE_MS = 90_000;

/** What stops a wait, beside its deadline: somebody wants to stop. */
export async function until(what, find, deadlineMs = DEADLINE_MS) {
  let last;
  for (const deadline = Date.now() + deadlineMs; Date.now() < deadline;) {
    interruption.signal.throwIfAborted();
    try {
      const found = await find();
      if (found) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited ${deadlineMs / 1000} s for ${what}${last ? `; at last: ${last.message}` : ''}`);
}

/** One of the sites of a project. `suffix` is what its containers have after their names: '' or '-b'. */
export class ComposedSite {
  constructor(project, { suffix, apiPort, natsPort, scratch }) {
    Object.assign(this, { project, suffix });
    this.url = `http://127.0.0.1:${apiPort}`;
    this.natsUrl = `nats://127.0.0.1:${natsPort}`;
    this.seedFile = join(scratch, `publisher${suffix}.seed`);
  }

  /** Takes the token and the key of the publisher out of the site, as a user does. */
  async learn() {
    const context = await this.project.exec(`api${this.suffix}`, 'cat', '/state/context.json');
    Object.assign(this, JSON.parse(context), { url: this.url });
    const args = ['run', '--rm', '-T', `setup${this.suffix}`, 'cat', '/keys/publisher/nats.seed'];
    writeFileSync(this.seedFile, await this.project.compose(args), { mode: 0o600 });
    chmodSync(this.seedFile, 0o600);
    this.seed = await this.project.compose(args);
  }

  /** A REST call with the admin token. Throws unless the answer is 2xx. */
  async rest(method, path, body) {
    const text = typeof body === 'string' ? body : body && JSON.stringify(body);
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(text && { 'content-type': typeof body === 'string' ? 'application/yaml' : 'application/json' }),
      },
      body: text,
      signal: AbortSignal.timeout(20_000),
    });
    const raw = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${raw}`);
    return raw === '' ? undefined : JSON.parse(raw);
  }

  /** Every item of a list. */
  async all(path) {
    const items = [];
    for (let after; ;) {
      const page = new URL(path, this.url);
      page.searchParams.set('limit', '1000');
      if (after) page.searchParams.set('after', after);
      const answer = await this.rest('GET', page.pathname + page.search);
      items.push(...answer.items);
      after = answer.next;
      if (!after) return items;
    }
  }

  /** Applies YAML with `${name}` filled in, as `signalbox apply --var` does. */
  async apply(yaml, variables = {}) {
    const known = { pluginDir: this.pluginDir, secretDir: this.secretDir, ...variables };
    return this.rest(
      'POST',
      '/v1/apply',
      yaml.replace(/\$\{(\w+)\}/g, (_, name) => known[name]),
    );
  }

  /** Claims of the effective config by their address. */
  async claims() {
    const { spec } = await this.rest('GET', '/v1/effective-config');
    const claims = spec.resources.filter(({ kind }) => kind === 'RemoteAddressClaim');
    return new Map(claims.map((claim) => [claim.spec.address, claim]));
  }

  /** A client that logs in as the publisher, and goes on trying when NATS is away. */
  async publisher() {
    const authenticator = nkeyAuthenticator(new TextEncoder().encode(this.seed.trim()));
    const nats = await connect({ servers: this.natsUrl, authenticator, maxReconnectAttempts: -1 });
    return {
      request: async (subject, body) =>
        (await nats.request(subject, JSON.stringify(body), { timeout: REQUEST_MS })).json(),
      publish: async (subject, body) => {
        nats.publish(subject, JSON.stringify(body));
        await nats.flush();
      },
      close: () => nats.close(),
    };
  }

  /** The same by the `nats` command where it is on the PATH, else {@link publisher}. */
  async outsider() {
    try {
      await runFile('nats', ['--version']);
    } catch {
      notChecked(
        'publishing by the command `nats`',
        'it is not on the PATH; the package `nats` publishes instead',
      );
      return this.publisher();
    }
    const nats = async (...args) =>
      (await runFile('nats', ['--server', this.natsUrl, '--nkey', this.seedFile, '--timeout', '3s', ...args]))
        .stdout;
    return {
      request: async (subject, body) =>
        JSON.parse(await nats('request', '--raw', subject, JSON.stringify(body))),
      publish: (subject, body) => nats('pub', subject, JSON.stringify(body)),
      close: () => undefined,
    };
  }
}

/** Whether all containers of a site are healthy; throws with those that are not. */
export async function allHealthy(project, services) {
  for (const service of services) {
    const { State } = await project.inspect(service);
    if (State.Health?.Status !== 'healthy')
      throw new Error(`${service} is ${State.Health?.Status ?? State.Status}`);
  }
  return true;
}
