import { expect, it } from '@jest/globals';
import { readPluginSettings } from './plugin-settings.js';

function read(env: NodeJS.ProcessEnv): [ReturnType<typeof readPluginSettings>, string[]] {
  const mistakes: string[] = [];
  return [readPluginSettings(env, (text) => void mistakes.push(text)), mistakes];
}

it('P17 plugins are contained as well as the machine allows unless the site says otherwise', () => {
  expect(read({})).toEqual([{ sandbox: 'auto', sandboxPaths: [] }, []]);
  const env = {
    SIGNALBOX_SANDBOX: 'required',
    SIGNALBOX_SANDBOX_PATHS: '/opt/a/../b:/srv',
    SIGNALBOX_PLUGIN_USER: '7:8',
  };
  expect(read(env)).toEqual([{ sandbox: 'required', sandboxPaths: ['/opt/b', '/srv'], user: '7:8' }, []]);
});

it.each([
  [{ SIGNALBOX_SANDBOX: 'yes' }, 'SIGNALBOX_SANDBOX must be one of auto, required, off, not "yes"'],
  [{ SIGNALBOX_PLUGIN_USER: 'a b' }, 'SIGNALBOX_PLUGIN_USER must be a user name or uid:gid, not "a b"'],
  [
    { SIGNALBOX_SANDBOX_PATHS: 'opt' },
    'SIGNALBOX_SANDBOX_PATHS must name absolute directories and not /, not "opt"',
  ],
  [
    { SIGNALBOX_SANDBOX_PATHS: '/usr/..' },
    'SIGNALBOX_SANDBOX_PATHS must name absolute directories and not /, not "/usr/.."',
  ],
])('P17 %j is a mistake that is told', (env, message) => {
  expect(read(env)[1]).toEqual([message]);
});
