// The project that is checked: a name, ports and an image of its own, so that nothing of the user is touched.
import { spawn, spawnSync } from 'node:child_process';
import { ROOT } from '../prepare.mjs';

const EVERYTHING = ['--profile', 'two-sites', '--profile', 'monitoring'];

/** Says that somebody wants to stop; commands in work are ended then. */
export const interruption = new AbortController();

/** Whether there is `docker compose`, and whether an engine answers: the reason when not, undefined when all is there. */
export function missingDocker() {
  if (spawnSync('docker', ['compose', 'version']).status !== 0)
    return { compose: 'there is no `docker compose`' };
  const { status, stderr } = spawnSync('docker', ['version'], { encoding: 'utf8' });
  return status === 0 ? undefined : { engine: `no engine answers: ${stderr.trim().split('\n').at(-1)}` };
}

/**
 * Runs a command to its end, in a process group of its own: Ctrl-C is for us to handle.
 *
 * @returns {Promise<string>} its stdout
 * @throws {Error} with the end of its stderr, when it does not exit 0
 */
export function run(program, args, { env = process.env, input = '', isLast = false } = {}) {
  return new Promise((resolve, reject) => {
    const signal = isLast ? undefined : interruption.signal;
    const child = spawn(program, args, { cwd: ROOT, env, detached: true, stdio: 'pipe', signal });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => reject(signal?.aborted ? signal.reason : error));
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve(stdout);
      else
        reject(
          new Error(
            `${program} ${args.join(' ')} ended with ${code ?? killedBy}\n${(stdout + stderr).slice(-3000)}`,
          ),
        );
    });
    child.stdin.end(input);
  });
}

/** A compose project under a name of its own. */
export class Project {
  /** @param {{ name: string, env: Record<string, string> }} settings `env`: variables of docker-compose.yml */
  constructor({ name, env }) {
    this.name = name;
    const outside = Object.entries(process.env).filter(
      ([key]) => !/^(SIGNALBOX|COMPOSE|GRAFANA|PROMETHEUS)_/.test(key),
    );
    this.env = {
      ...Object.fromEntries(outside),
      COMPOSE_DISABLE_ENV_FILE: '1',
      COMPOSE_PROJECT_NAME: name,
      ...env,
    };
  }

  /** `docker compose …` for this project; see {@link run}. */
  compose(args, options = {}) {
    return run('docker', ['compose', '--progress', 'quiet', ...args], { env: this.env, ...options });
  }

  /** Runs a program in the container of a service. */
  exec(service, ...command) {
    return this.compose(['exec', '-T', service, ...command]);
  }

  /** A script of the checkout, for this project. */
  script(file, ...args) {
    return run(file, args, { env: this.env });
  }

  /** What Docker knows of the container of a service. */
  async inspect(service) {
    const [container] = JSON.parse(
      await run('docker', ['container', 'inspect', `${this.name}-${service}-1`], { env: this.env }),
    );
    return container;
  }

  /** Ends and removes everything, whatever its state. */
  async remove() {
    await this.compose([...EVERYTHING, 'down', '--volumes', '--remove-orphans', '--timeout', '5'], {
      isLast: true,
    });
  }

  /** Names of the containers, volumes and networks that are there. */
  async leftovers() {
    const own = ['--filter', `label=com.docker.compose.project=${this.name}`];
    const kinds = [
      ['container', 'ls', '--all', '--format', '{{.Names}}'],
      ['volume', 'ls', '--format', '{{.Name}}'],
      ['network', 'ls', '--format', '{{.Name}}'],
    ];
    const lists = await Promise.all(
      kinds.map((args) => run('docker', [...args, ...own], { env: this.env, isLast: true })),
    );
    return lists.flatMap((list) => list.split('\n').filter(Boolean));
  }
}
