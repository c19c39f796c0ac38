import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { productManifest } from '@signalbox/contracts';
import { TokenBook } from '@signalbox/runtime';
import { describeUnderProject } from './tenants/under-project.js';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The OpenAPI 3.1 document of every REST route that this process has. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const { version, description } = productManifest();
  const options = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Signalbox')
    .setDescription(
      `${description}\n\nEvery route needs \`Authorization: Bearer sbx_…\`; the first start of a site prints a token ` +
        'and keeps it in `context.json` of its state directory. Errors are `application/problem+json` (RFC 9457).',
    )
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'sbx_…' })
    .build();
  const document = SwaggerModule.createDocument(app, options);
  describeUnderProject(document);
  return withReachableSchemas(document);
}

/** The handlers of messages are controllers too: what only they take is none of REST's. */
function withReachableSchemas(document: OpenAPIObject): OpenAPIObject {
  const { schemas = {} } = document.components ?? {};
  const reached = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (reached.has(name)) continue;
      reached.add(name);
      follow(schemas[name]);
    }
  };
  follow(document.paths);
  const kept = Object.entries(schemas).filter(([name]) => reached.has(name));
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(kept) } };
}

/**
 * Shows the document at `/docs` and as JSON at `/docs-json`. They are no Nest routes, so the guard does not see them:
 * they ask for the token themselves, also as the password of a browser's dialog.
 */
export function serveOpenApi(app: NestFastifyApplication): void {
  const tokens = app.get(TokenBook);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      if (!/^\/docs(?:[-/?]|$)/.test(request.url)) return;
      if (tokens.find(tokenOf(request.headers.authorization ?? ''))) return;
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
