/** The OpenAPI document, made from the routes themselves, and its rendering at /docs. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { summaryOf } from './extended.ts';
import { finishDocument } from './openapi-document.ts';
import type { Surfaces } from './surface.ts';

// All of it comes from here; no upgrade to https either, which a server behind plain http could not follow.
const DOCS_POLICY =
  "default-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'";

/** The pages of /docs, where their package has them: the code around them may be bundled into ours. */
const docsFiles = new URL('static/', import.meta.resolve('@fastify/swagger-ui'));

/** What of the page is ours. */
const ownFile = (name: string): Buffer => readFileSync(new URL(`docs/${name}`, import.meta.url));

const DESCRIPTION = `Receives customer profiles and audiences from any customer data platform, and answers who is in which audience.
The wire format is that of Talon.One’s generic CDP integration.

## First call

Makes the customer profile \`ada\`, gives it a tier and puts it into the first audience. In the folder of a server that was just
started it works as it stands; the key is the one that the first start has written down:

\`\`\`sh
curl -X PUT 'http://127.0.0.1:8080/cdp/customer_profile/ada' \\
  -H "Authorization: ApiKey-v1 $(sed -n 's/^key: //p' data/first-run.txt)" \\
  -H 'Content-Type: application/json' \\
  -d '{"attributes":{"Tier":"gold"},"audiencesChanges":{"adds":[1]}}'
\`\`\`

A first start in a terminal prints this call with the key in it instead. To send calls from the page at \`/docs\`, enter
\`ApiKey-v1 <key>\` under *Authorize*: it stays until the tab is closed. The console (\`/console\`) makes more keys.`;

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
        contact: { name: 'Whoever operates this server' },
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
      return { schema: { ...schema, ...extension, summary: summaryOf(schema.summary, route.config) }, url };
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
