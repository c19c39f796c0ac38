import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Callers } from '@signalbox/runtime';
import { SwaggerModule } from '@nestjs/swagger';
import { openApiDocument } from './document.js';

/**
 * Shows the document at `/docs` and as JSON at `/docs-json`. They are no Nest routes, so the guard does not see them:
 * they ask for the token themselves, also as the password of a browser's dialog.
 */
export function serveOpenApi(app: NestFastifyApplication): void {
  const callers = app.get(Callers);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      if (!/^\/docs(?:[-/?]|$)/.test(request.url)) return;
      if (await callers.find(tokenOf(request.headers.authorization ?? ''))) return;
      await reply
        .status(401)
        .header('www-authenticate', 'Basic realm="Signalbox: any user, the token as password"')
        .send('send the token as bearer, or as the password of any user');
    });
  SwaggerModule.setup('docs', app, () => openApiDocument(app), { jsonDocumentUrl: 'docs-json' });
}

/** The token of an Authorization header, `''` when there is none. */
function tokenOf(header: string): string {
  const [scheme = '', value = ''] = header.split(' ');
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  return Buffer.from(value, 'base64').toString().split(':').slice(1).join(':');
}
