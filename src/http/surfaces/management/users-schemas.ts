/** Wire shapes of users, their two roles, and the account. */

import { type Static, Type } from 'typebox';
import { extended } from '../../extended.ts';
import { Id, Timestamp } from '../../wire.ts';

const MAX_NAME = 255;
const Email = () => Type.String({ minLength: 3, maxLength: 254, examples: ['ada@example.com'] });
const Name = () => Type.String({ minLength: 1, maxLength: MAX_NAME, examples: ['Ada'] });
const Password = (description: string) =>
  Type.String({ minLength: 1, maxLength: 1000, description, examples: ['correct horse battery'] });

export const UserSchema = Type.Object(
  {
    id: Id(),
    created: Timestamp('Time the user was created or invited'),
    modified: Timestamp('Time of the last change'),
    email: Email(),
    accountId: Id(),
    inviteToken: Type.String({
      examples: [''],
      description: '`pending` until an invited user first signs in, then empty',
    }),
    state: Type.Union([Type.Literal('invited'), Type.Literal('active'), Type.Literal('deactivated')], {
      examples: ['active'],
    }),
    name: Name(),
    policy: Type.Object({}, { description: 'Always empty: the role determines everything' }),
    isAdmin: Type.Boolean({
      description: 'Whether the user is an admin; otherwise read-only: no payloads, no exports, no changes',
    }),
    roles: Type.Array(Id(), { examples: [[2]], description: 'The only role of the user: 1 admin, 2 read-only' }),
    authMethod: Type.Enum(['basic_auth'], { description: 'Always `basic_auth`: e-mail and password' }),
    lastSignedIn: Type.Optional(Timestamp('Absent before the first sign-in')),
    lastAccessed: Type.Optional(Timestamp('Last use of any session; absent before the first sign-in')),
    ...extended({
      mustChangePassword: Type.Boolean({ description: 'Whether the password was set by somebody else' }),
    }),
  },
  { title: 'User' },
);
export type User = Static<typeof UserSchema>;

export const NewUserSchema = Type.Object(
  {
    email: Email(),
    name: Type.Optional(Name()),
    isAdmin: Type.Optional(Type.Boolean({ description: 'Read-only unless true' })),
  },
  { title: 'NewUser' },
);
export type NewUser = Static<typeof NewUserSchema>;

/** A user and the password, which is shown only once. */
export const CreatedUserSchema = Type.Object(
  {
    ...UserSchema.properties,
    password: Type.String({ description: 'Shown only once; must be changed at the first sign-in', examples: ['…'] }),
  },
  { title: 'CreatedUser' },
);
export type CreatedUser = Static<typeof CreatedUserSchema>;

export const UserUpdateSchema = Type.Object(
  {
    name: Type.Optional(Name()),
    state: Type.Optional(Type.Enum(['active', 'deactivated'], { description: 'Only for admins' })),
    isAdmin: Type.Optional(Type.Boolean({ description: 'Only for admins' })),
    roles: Type.Optional(
      Type.Array(Id(), {
        maxItems: 10,
        examples: [[2]],
        description: '[1] admin, [2] read-only; must agree with `isAdmin` if both are given; only for admins',
      }),
    ),
    policy: Type.Optional(
      Type.String({ examples: ['{}'], description: 'Only `{}` or empty: policies are not served' }),
    ),
  },
  { title: 'UpdateUser' },
);
export type UserUpdate = Static<typeof UserUpdateSchema>;

export const UserByEmailSchema = Type.Object({ email: Email() }, { title: 'UserByEmail' });

export const InvitationSchema = Type.Object(
  {
    email: Email(),
    name: Type.Optional(Name()),
    userGroups: Type.Optional(
      Type.Array(Type.String(), { maxItems: 100, examples: [[]], description: 'Not served; ignored' }),
    ),
  },
  { title: 'NewInvitation' },
);

export const PasswordChangeSchema = Type.Object(
  {
    currentPassword: Password('The current password'),
    newPassword: Password('At least 10 characters'),
  },
  { title: 'PasswordChange' },
);
export type PasswordChange = Static<typeof PasswordChangeSchema>;

/** A password, which is shown only once. */
export const NewPasswordSchema = Type.Object(
  {
    password: Type.String({ description: 'Shown only once; must be changed at the next sign-in', examples: ['…'] }),
  },
  { title: 'NewPassword' },
);
export type NewPassword = Static<typeof NewPasswordSchema>;

export const RoleSchema = Type.Object(
  {
    id: Id({ description: '1 admin, 2 read-only' }),
    created: Timestamp('Time the account was created'),
    modified: Timestamp('Time the account was created'),
    accountId: Id(),
    name: Type.String({ examples: ['Admin'] }),
    description: Type.String({ examples: ['Sees and changes everything'] }),
    ...extended({ isAdmin: Type.Boolean({ examples: [true], description: 'Whether it is the admin role' }) }),
    members: Type.Array(Id(), { description: 'Users with this role' }),
  },
  { title: 'Role' },
);
export type Role = Static<typeof RoleSchema>;

export const RoleUpdateSchema = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        maxLength: MAX_NAME,
        examples: ['Admin'],
        description: 'Must be unchanged: the two roles are built in',
      }),
    ),
    description: Type.Optional(
      Type.String({ maxLength: 1000, examples: ['Sees and changes everything'], description: 'Must be unchanged' }),
    ),
    isAdmin: Type.Optional(Type.Boolean({ examples: [true], description: 'Must be unchanged' })),
    members: Type.Optional(
      Type.Array(Id(), {
        maxItems: 1000,
        description: 'The users who will have this role. Users left out of the admins become read-only',
      }),
    ),
  },
  { title: 'RoleUpdate' },
);
export type RoleUpdate = Static<typeof RoleUpdateSchema>;

export const AccountSchema = Type.Object(
  {
    id: Id(),
    created: Timestamp('Time the first Application was created'),
    modified: Timestamp('The same'),
    companyName: Type.String({ minLength: 1, examples: ['Rollcall'], description: 'Always `Rollcall`' }),
    domainName: Type.String({ examples: ['rollcall.example.com'], description: 'Public host name' }),
    state: Type.Enum(['active'], { description: 'Always `active`' }),
    billingEmail: Type.String({
      format: 'email',
      examples: ['nobody@example.com'],
      description: 'Always `nobody@example.com`: there is nothing to bill',
    }),
    applicationCount: Type.Integer(),
    userCount: Type.Integer(),
    campaignsActiveCount: Type.Integer({ examples: [0], description: 'Always 0' }),
    campaignsInactiveCount: Type.Integer({ examples: [0], description: 'Always 0' }),
  },
  { title: 'Account' },
);
export type Account = Static<typeof AccountSchema>;
