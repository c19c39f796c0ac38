import { expect, test } from '@jest/globals';
import { isReadOnlyIn } from './read-only-mount.js';

const MOUNTS = [
  '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
  '40 22 0:35 / /srv/plugins ro,nosuid - ext4 /dev/sdb1 rw',
  '41 40 0:36 / /srv/plugins/mine rw - tmpfs tmpfs rw',
  '42 22 0:37 / /mnt/my\\040disk ro - ext4 /dev/sdc1 ro',
  '43 22 0:38 / /data ro - ext4 /dev/sdd1 ro',
  '44 22 0:39 / /data rw - tmpfs tmpfs rw',
  '',
].join('\n');

test.each([
  ['/usr/bin/x', false],
  ['/srv/plugins/x', true],
  ['/srv/plugins', true],
  ['/srv/plugins-old/x', false],
  ['/srv/plugins/mine/x', false],
  ['/mnt/my disk/x', true],
  ['/data/x', false],
])('%s', (path, readOnly) => {
  expect(isReadOnlyIn(MOUNTS, path)).toBe(readOnly);
});
