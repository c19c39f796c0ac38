import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
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
  return SwaggerModule.createDocument(app, options);
}

/** Shows the document at `/docs` and as JSON at `/docs-json`. */
export function serveOpenApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), { jsonDocumentUrl: 'docs-json' });
}

/** The product's package.json: the first one above this file, which is not the same distance when it is built. */
function productManifest(): { version: string; description: string } {
  let dir = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    try {
      return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as {
        version: string;
        description: string;
      };
    } catch (error) {
      if (dirname(dir) === dir) throw error;
      dir = dirname(dir);
    }
  }
}
