/** The OpenAPI document, generated from the routes, and its rendering at /docs. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { summaryOf } from './extended.ts';
import { finishDocument } from './openapi-document.ts';
import { withRowVerdicts } from './rows-schemas.ts';
import type { Surfaces } from './surface.ts';

// Everything comes from this server. No upgrade to https either: a server behind plain http could not follow it.
const DOCS_POLICY =
  "default-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'";

/** The files of the /docs page, in the folder of their package: the code around them may be bundled into ours. */
const docsFiles = new URL('static/', import.meta.resolve('@fastify/swagger-ui'));

/** The parts of the page that are ours. */
const ownFile = (name: string): Buffer => readFileSync(new URL(`docs/${name}`, import.meta.url));

const DESCRIPTION = `Receives customer profiles and audiences from any customer data platform, and answers who is in which audience.
The wire format is that of Talon.One’s generic CDP integration.

## First call

This call creates the customer profile \`ada\`, gives it a tier and adds it to the first audience. In the folder of a freshly started server it works as is; it uses the key that the first start wrote to a file:

\`\`\`sh
curl -X PUT 'http://127.0.0.1:8080/cdp/customer_profile/ada' \\
  -H "Authorization: ApiKey-v1 $(sed -n 's/^key: //p' data/first-run.txt)" \\
  -H 'Content-Type: application/json' \\
  -d '{"attributes":{"Tier":"gold"},"audiencesChanges":{"adds":[1]}}'
\`\`\`

On a terminal, the first start prints this call with the key in it instead. To send calls from the page at \`/docs\`, enter \`ApiKey-v1 <key>\` under *Authorize*; it is kept until the tab is closed. Create further keys in the console (\`/console\`).`;

/** Must be registered before the routes it describes. */
export async function installOpenApi(
  app: FastifyInstance,
  options: { version: string; surfaces: Surfaces },
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Rollcall',
        version: options.version,
        description: DESCRIPTION,
        contact: { name: 'The operator of this server' },
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: Object.fromEntries(
          options.surfaces.all.flatMap(({ securitySchemes }) => Object.entries(securitySchemes)),
        ),
      },
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json['$id'] === 'string' ? json['$id'] : `def-${index}`,
    },
    transform: ({ schema, url, route }) => {
      if (schema?.summary === undefined) return { schema, url };
      const extension = route.config?.extension === true ? { 'x-rollcall-extension': true } : {};
      const described =
        route.config?.rowList === undefined ? schema : withRowVerdicts(schema, options.surfaces.errorBodies);
      return { schema: { ...described, ...extension, summary: summaryOf(schema.summary, route.config) }, url };
    },
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject;
      return finishDocument(document.openapiObject, options.surfaces);
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    baseDir: fileURLToPath(docsFiles),
    logo: { type: 'image/svg+xml', content: ownFile('logo.svg') },
    theme: {
      title: 'Rollcall API',
      css: [{ filename: 'docs.css', content: ownFile('docs.css').toString('utf8') }],
      js: [{ filename: 'docs.js', content: ownFile('docs.js').toString('utf8') }],
      favicon: [
        { filename: 'logo.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: ownFile('logo.svg') },
      ],
    },
    staticCSP: DOCS_POLICY,
  });
  app.get('/openapi.json', { schema: { hide: true }, config: { operation: 'openapi' } }, async () => app.swagger());
}
