/** What the Management API passes to each of its route files. */

import type { Logged } from '../../../access-log/access-log.ts';
import type { Core } from '../../../domain/core.ts';
import type { BackOfficeAuth } from '../../back-office-auth.ts';
import type { ConsoleCookies } from '../../console-cookies.ts';
import type { SignInThrottle } from '../../sign-in-throttle.ts';
import type { Uploads } from '../../uploads.ts';

export interface ManagementSurface {
  readonly core: Core & Logged;
  readonly auth: BackOfficeAuth;
  readonly cookies: ConsoleCookies;
  /** How many days a token of `POST /v1/sessions` is valid. */
  readonly sessionTokenDays: number;
  /** Guards every check of a password. */
  readonly signIns: SignInThrottle;
  /** Aborts when streams must end. */
  readonly ending: AbortSignal;
  /** A monotonic clock in ms. */
  readonly elapsed: () => number;
  /** Uploaded files. */
  readonly uploads: Uploads;
  readonly server: ServerFacts;
}

/** What the console shows about the server. */
export interface ServerFacts {
  readonly version: string;
  /** The base URL that people use, if one is configured. */
  readonly publicUrl: string | undefined;
  readonly strict: boolean;
  /** Whether /docs and /openapi.json are served. */
  readonly docs: boolean;
}
