import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { productManifest } from '@signalbox/contracts';
import { describeUnderProject } from '../tenants/under-project.js';
import { addRefusals, refusals } from './answers-of-all.js';
import { kindSchemas } from './kind-schemas.js';
import { addCommonParameters } from './parameters-of-all.js';

const METHODS = ['get', 'put', 'post', 'delete'] as const;

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
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'The site that serves this document.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'sbx_…' })
    .build();
  const document = SwaggerModule.createDocument(app, options, { operationIdFactory: operationIdOf });
  describeUnderProject(document);
  document.components = {
    ...document.components,
    schemas: { ...kindSchemas(), ...document.components?.schemas },
    responses: refusals(),
  };
  for (const [path, item] of Object.entries(document.paths))
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      addRefusals(method, path, operation);
      addCommonParameters(method, path, operation);
    }
  return withReachableSchemas(document);
}

/** `backendsList`, `projectBackendsList`: of the controller and its method, so it stays when a path changes. */
function operationIdOf(controller: string, method: string): string {
  const noun = controller.replace(/^Tenant/, 'Project').replace(/Controller$/, '');
  return `${noun.charAt(0).toLowerCase()}${noun.slice(1)}${method.charAt(0).toUpperCase()}${method.slice(1)}`;
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
  follow([document.paths, document.components?.responses]);
  const kept = Object.entries(schemas)
    .filter(([name]) => reached.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(kept) } };
}
