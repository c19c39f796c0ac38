import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import { GIVEN_RESOURCE_REF } from './kind-schemas.js';

const RESOURCE = {
  apiVersion: 'federation.routerd.net/v1alpha1',
  kind: 'EventGroup',
  metadata: { name: 'edge' },
  spec: { nodeName: 'edge-1.example.net' },
};
const YAML = `apiVersion: ${RESOURCE.apiVersion}
kind: ${RESOURCE.kind}
metadata: { name: ${RESOURCE.metadata.name} }
spec: { nodeName: ${RESOURCE.spec.nodeName} }
`;

/** The body of an apply: one resource or bundle as JSON, or any number of documents as YAML. */
export function GivenDocuments(): MethodDecorator {
  return applyDecorators(
    ApiConsumes('application/json', 'application/yaml', 'text/plain'),
    ApiBody({
      description: 'One document as JSON, or any number as YAML: resources, Router bundles, maglev.yaml.',
      required: true,
      schema: {
        anyOf: [
          GIVEN_RESOURCE_REF,
          { type: 'string', description: 'YAML, also in JSON the text of a bundle.' },
          { type: 'object', additionalProperties: true, description: 'A Router bundle or a maglev.yaml.' },
        ],
      },
      examples: { json: { value: RESOURCE }, yaml: { value: YAML } },
    }),
  );
}
