import { roleCovers, ROLES } from './roles.js';

describe('roles', () => {
  it('each covers itself and those before it, and none behind it', () => {
    for (const [at, has] of ROLES.entries())
      for (const [needed, needs] of ROLES.entries()) expect(roleCovers(has, needs)).toBe(needed <= at);
  });
});
