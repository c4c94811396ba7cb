/** Published operations that identify an existing or future user by e-mail. */

import type { FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import { deleteUser, inviteUser, updateUser } from '../../../domain/access/user-administration.ts';
import { findUserByEmail } from '../../../domain/access/user-lookups.ts';
import type { Core } from '../../../domain/core.ts';
import { actingCore } from '../../back-office-auth.ts';
import { emptyAnswers, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';
import { InvitationSchema, UserByEmailSchema } from './users-schemas.ts';
import { emailIsTaken, lastAdmin, unknownEmail } from './users-wire.ts';

const tags = ['Management API: users'];

export async function userByEmailRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  /** A published operation that identifies an existing or future user by e-mail and answers 204. */
  function post<Body extends { email: string }>(
    name: 'invite' | 'delete' | 'activate' | 'deactivate',
    operationId: string,
    { summary, description }: { summary: string; description: string },
    body: TSchema,
    errors: Parameters<typeof emptyAnswers>[1],
    work: (acting: Core, body: Body) => Promise<unknown>,
  ): void {
    app.post<{ Body: Body }>(
      `/v1/users/${name}`,
      {
        schema: {
          operationId,
          summary,
          description,
          tags,
          security,
          body,
          response: emptyAnswers('Completed', errors),
        },
        config: { backOfficeAccess: 'admin' },
      },
      async (request, reply) => {
        await work(actingCore(core, request), request.body as Body);
        return reply.code(204).send();
      },
    );
  }

  post<{ email: string; name?: string }>(
    'invite',
    'inviteUserExternal',
    {
      summary: 'Invite a user, read-only and without a password: no mail is sent',
      description: "An admin sets the user's password (`resetPassword`); the user becomes active at the first sign-in.",
    },
    InvitationSchema,
    [emailIsTaken],
    async (acting, body) => inviteUser(acting, body),
  );
  post(
    'delete',
    'deleteUserByEmail',
    {
      summary: 'Delete a user by e-mail',
      description:
        'The e-mail is case-insensitive. API keys the user created keep working; management keys of the user do not.',
    },
    UserByEmailSchema,
    [unknownEmail, lastAdmin],
    async (acting, { email }) => deleteUser(acting, (await findUserByEmail(acting, email)).id),
  );
  post(
    'activate',
    'activateUserByEmail',
    {
      summary: 'Activate a deactivated user',
      description: 'The e-mail is case-insensitive. Management keys of the user work again too.',
    },
    UserByEmailSchema,
    [unknownEmail],
    async (acting, { email }) => updateUser(acting, (await findUserByEmail(acting, email)).id, { state: 'active' }),
  );
  post(
    'deactivate',
    'deactivateUserByEmail',
    {
      summary: "Deactivate a user and end the user's sessions",
      description:
        'The e-mail is case-insensitive. Management keys of the user are refused meanwhile; API keys the user created keep working.',
    },
    UserByEmailSchema,
    [unknownEmail, lastAdmin],
    async (acting, { email }) =>
      updateUser(acting, (await findUserByEmail(acting, email)).id, { state: 'deactivated' }),
  );
}
