import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionalProgram } from '../optional-program.js';
import { runCommand } from '../run-command.js';
import { until } from '../until.js';
import { clusterService, clusterSlice } from './cluster-object.js';
import { FakeKubernetes } from './fake-kubernetes.js';

const kubectl = optionalProgram('kubectl', 'the API server of Kubernetes for tests, asked by kubectl');

/** What a client of others reads there. */
(kubectl === undefined ? describe.skip : describe)('the API server for tests, asked by kubectl', () => {
  let fake: FakeKubernetes;
  let home: string;

  beforeAll(async () => {
    fake = await FakeKubernetes.start({ isSecure: true, tokens: ['secret'] });
    home = await mkdtemp(join(tmpdir(), 'signalbox-kubectl-'));
    await writeFile(join(home, 'ca.crt'), fake.ca);
    for (const name of ['a', 'b', 'c']) fake.apply(clusterService(name, { labels: { name } }));
    fake.apply(clusterSlice('a-1', 'a', ['10.1.0.1'], { namespace: 'other' }));
  });

  afterAll(async () => {
    await fake.stop();
    await rm(home, { recursive: true });
  });

  function args(...words: readonly string[]): string[] {
    const authority = `--certificate-authority=${join(home, 'ca.crt')}`;
    return [...words, `--server=${fake.url}`, authority, `--cache-dir=${home}`, '--kubeconfig=/dev/null'];
  }

  async function ask(...words: readonly string[]): Promise<string> {
    const asked = args(...words, '--token=secret');
    const { code, stdout, stderr } = await runCommand(kubectl!, asked, { env: { HOME: home } });
    if (code !== 0) throw new Error(`kubectl ${words.join(' ')} exited ${code}: ${stderr}`);
    return stdout;
  }

  it('lists, by namespace, label and page', async () => {
    expect((await ask('get', 'services', '-A', '-o', 'name', '--chunk-size=2')).split('\n')).toEqual([
      'service/a',
      'service/b',
      'service/c',
      '',
    ]);
    expect(fake.asked('list').map(({ query }) => [query['limit'], 'continue' in query])).toEqual([
      ['2', false],
      ['2', true],
    ]);
    expect(await ask('get', 'services', '-l', 'name!=b,name', '-o', 'name')).toBe('service/a\nservice/c\n');
    expect(await ask('get', 'endpointslices', '-n', 'other', '-o', 'name')).toBe(
      'endpointslice.discovery.k8s.io/a-1\n',
    );
  });

  it('gets one, and refuses whom it does not know', async () => {
    expect(JSON.parse(await ask('get', 'service', 'a', '-o', 'json'))).toMatchObject(clusterService('a'));
    await expect(ask('get', 'service', 'x')).rejects.toThrow('NotFound');
    const asked = args('get', 'services', '--token=wrong');
    expect((await runCommand(kubectl!, asked, { env: { HOME: home } })).stderr).toMatch(
      /Unauthorized|logged in/,
    );
  });

  it('patches the status, by merge and by a test', async () => {
    const ofStatus = ['patch', 'service', 'b', '--subresource=status'];
    await ask(
      ...ofStatus,
      '--type=merge',
      '-p',
      '{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}',
    );
    expect(fake.ingress('b')).toEqual([{ ip: '192.0.2.1' }]);
    const place = '/status/loadBalancer/ingress';
    const taking = (ip: string): string =>
      JSON.stringify([
        { op: 'test', path: place, value: [{ ip }] },
        { op: 'remove', path: place },
      ]);
    await expect(ask(...ofStatus, '--type=json', '-p', taking('192.0.2.2'))).rejects.toThrow();
    expect(fake.ingress('b')).toEqual([{ ip: '192.0.2.1' }]);
    await ask(...ofStatus, '--type=json', '-p', taking('192.0.2.1'));
    expect(fake.ingress('b')).toBeUndefined();
  });

  it('watches', async () => {
    const words = [
      'get',
      'services',
      '-l',
      'lb',
      '-w',
      '--output-watch-events',
      '-o',
      'json',
      '--token=secret',
    ];
    const child = spawn(kubectl!, args(...words), {
      env: { HOME: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    try {
      await until('a watch', () => fake.openWatches === 1);
      fake.apply(clusterService('a', { labels: { lb: 'yes' } }));
      fake.apply(clusterService('a', { labels: { lb: 'yes' }, ports: [{ port: 81 }] }));
      fake.apply(clusterService('a'));
      await until('the events', () => said.includes('DELETED'));
      const types = Array.from(said.matchAll(/"type": *"([A-Z]{3,})"/g), ([, type]) => type);
      expect(types).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
