/** Published operations that name a user, or someone who is to become one, by e-mail. */

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
  /** A published operation that names a user, or someone who is to become one, by e-mail and answers 204. */
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
          response: emptyAnswers('It is done', errors),
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
      description:
        'An admin gives the user a password (`resetPassword`); with the first sign-in the user becomes active.',
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
        'Compared without case. API keys the user created go on working; management keys of the user do not.',
    },
    UserByEmailSchema,
    [unknownEmail, lastAdmin],
    async (acting, { email }) => deleteUser(acting, (await findUserByEmail(acting, email)).id),
  );
  post(
    'activate',
    'activateUserByEmail',
    {
      summary: 'Let a deactivated user in again',
      description: 'Compared without case. Management keys of the user work again too.',
    },
    UserByEmailSchema,
    [unknownEmail],
    async (acting, { email }) => updateUser(acting, (await findUserByEmail(acting, email)).id, { state: 'active' }),
  );
  post(
    'deactivate',
    'deactivateUserByEmail',
    {
      summary: 'Lock a user out and end the sessions of the user',
      description:
        'Compared without case. Management keys of the user are refused meanwhile; API keys the user created go on working.',
    },
    UserByEmailSchema,
    [unknownEmail, lastAdmin],
    async (acting, { email }) =>
      updateUser(acting, (await findUserByEmail(acting, email)).id, { state: 'deactivated' }),
  );
}
