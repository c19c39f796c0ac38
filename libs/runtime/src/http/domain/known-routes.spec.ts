import { describe, expect, it } from '@jest/globals';
import { KnownRoutes } from './known-routes.js';

describe('known routes', () => {
  const routes = new KnownRoutes();
  routes.add('/v1/runs', ['GET', 'HEAD']);
  routes.add('/v1/runs/:runId', ['GET']);
  routes.add('/v1/runs/:runId', ['DELETE']);
  routes.add('/v1/runs/newest', ['POST']);
  routes.add('/docs/*', ['GET']);

  it.each([
    ['/v1/runs', ['GET', 'HEAD', 'OPTIONS']],
    ['/v1/runs/7', ['DELETE', 'GET', 'OPTIONS']],
    ['/v1/runs/newest', ['DELETE', 'GET', 'OPTIONS', 'POST']],
    ['/docs/a/b.css', ['GET', 'OPTIONS']],
    ['/v1/runs/', []],
    ['/v1/runs/7/retry', []],
    ['/', []],
  ])('%s takes %j', (path, methods) => expect(routes.methodsOf(path)).toEqual(methods));
});
