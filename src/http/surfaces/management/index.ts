/** The back-office part of the Management API: who may use it, and its route files. The console is a client of it. */

import cookie from '@fastify/cookie';
import type { FastifyInstance } from 'fastify';
import { createBackOfficeAuth, endpointOf } from '../../back-office-auth.ts';
import { ConsoleCookies, SESSION_COOKIE } from '../../console-cookies.ts';
import { INTEGRATION_ERROR } from '../../error-bodies.ts';
import { summaryOf } from '../../extended.ts';
import { SignInThrottle } from '../../sign-in-throttle.ts';
import type { Surface } from '../../surface.ts';
import { accessLogStreamRoutes } from './access-log-stream.ts';
import { accessLogRoutes } from './access-logs.ts';
import { allowedListRoutes } from './allowed-lists.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { applicationCustomerRoutes } from './application-customers.ts';
import { applicationRoutes } from './applications.ts';
import { attributeJobRoutes } from './attribute-jobs.ts';
import { attributeRoutes } from './attributes.ts';
import { audienceRoutes } from './audiences.ts';
import { changeRoutes } from './changes.ts';
import { consoleSessionRoutes } from './console-session.ts';
import { customerRoutes } from './customers.ts';
import { type GrantableEndpoint, managementKeyRoutes } from './management-keys.ts';
import { memberExportRoutes } from './member-exports.ts';
import { memberImportPreviewRoutes } from './member-import-previews.ts';
import { memberImportRoutes } from './member-imports.ts';
import { membershipRoutes } from './memberships.ts';
import { refusedWriteRoutes } from './refused-writes.ts';
import { roleRoutes } from './roles.ts';
import { sessionRoutes } from './sessions.ts';
import { supersededRoutes } from './superseded-operations.ts';
import type { ManagementSurface } from './surface-parts.ts';
import { TAGS } from './tags.ts';
import { trafficRoutes } from './traffic.ts';
import { userPasswordRoutes } from './user-passwords.ts';
import { userRoutes } from './users.ts';
import { userByEmailRoutes } from './users-by-email.ts';

/** The Management API. */
export const MANAGEMENT: Surface = {
  name: 'management',
  roots: ['v1'],
  errorBody: INTEGRATION_ERROR,
  // The audit log is about what people do here; the access log is for what platforms and applications send.
  logged: false,
  tags: TAGS,
  securitySchemes: {
    ManagementKeyV1: {
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      description: '`ManagementKey-v1 <key>`; the prefix is part of the value',
    },
    SessionToken: { type: 'http', scheme: 'bearer', description: 'Token of `POST /v1/sessions`' },
    ConsoleSession: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
  },
  async register(app, { core, config, limits, uploads, ending, elapsed, version }) {
    await app.register(cookie);
    const cookies = new ConsoleCookies(config.publicUrl);
    await registerRoutes(app, {
      core,
      auth: createBackOfficeAuth(core, limits, cookies, config),
      cookies,
      signIns: new SignInThrottle({ now: core.now, monotonic: elapsed }),
      elapsed,
      sessionTokenDays: config.sessionTokenDays,
      ending,
      uploads,
      server: { version, publicUrl: config.publicUrl, strict: config.strict, docs: config.docs },
    });
  },
};

async function registerRoutes(app: FastifyInstance, surface: ManagementSurface): Promise<void> {
  const grantable: GrantableEndpoint[] = [];
  app.addHook('onRoute', ({ method, url, config, schema }) => {
    if (config?.backOfficeAccess !== 'read' && config?.backOfficeAccess !== 'admin') return;
    for (const each of [method].flat()) {
      if (each !== 'HEAD')
        grantable.push({ ...endpointOf(each, url), summary: summaryOf(schema?.summary ?? '', config) });
    }
  });
  app.addHook('onRequest', async (request, reply) => surface.auth.authenticate(request, reply));
  // Responses contain data about people and keys: no cache may store them.
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });
  await app.register(sessionRoutes, surface);
  await app.register(consoleSessionRoutes, surface);
  await app.register(userRoutes, surface);
  await app.register(userPasswordRoutes, surface);
  await app.register(userByEmailRoutes, surface);
  await app.register(roleRoutes, surface);
  await app.register(applicationRoutes, surface);
  await app.register(apiKeyRoutes, surface);
  await app.register(managementKeyRoutes, { ...surface, grantable });
  await app.register(changeRoutes, surface);
  await app.register(attributeRoutes, surface);
  await app.register(allowedListRoutes, surface);
  await app.register(customerRoutes, surface);
  await app.register(applicationCustomerRoutes, surface);
  await app.register(accessLogRoutes, surface);
  await app.register(accessLogStreamRoutes, surface);
  await app.register(refusedWriteRoutes, surface);
  await app.register(trafficRoutes, surface);
  await app.register(supersededRoutes, surface);
  await app.register(audienceRoutes, surface);
  await app.register(attributeJobRoutes, surface);
  await app.register(membershipRoutes, surface);
  await app.register(memberExportRoutes, surface);
  await app.register(memberImportRoutes, surface);
  await app.register(memberImportPreviewRoutes, surface);
}
