/** The stage for every scene of the story: the product, the clock, and the cast. */

import type { User } from '../domain/access/users.ts';
import type { Core } from '../domain/core.ts';
import type { Application } from '../domain/definitions/applications.ts';
import type { Random } from '../simulate/random.ts';
import type { Call, Send, Sender } from './calls.ts';
import type { Crowd } from './crowd.ts';
import type { StoryClock } from './story-clock.ts';

export interface Stage {
  readonly core: Core;
  readonly clock: StoryClock;
  readonly send: Send;
  readonly random: Random;
  readonly crowd: Crowd;
  /** First and last moment of the story, in ms since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly cast: Cast;
}

/** The cast; filled as the story proceeds. */
export interface Cast {
  readonly users: Map<UserName, { readonly user: User; readonly password: string }>;
  readonly applications: Map<'shop' | 'sandbox', Application>;
  readonly senders: Map<SenderName, Sender>;
}

export type UserName = 'maya' | 'tomas' | 'jonas';
export type SenderName =
  | 'cdp'
  | 'oldTealium'
  | 'tealium'
  | 'shop'
  | 'kiosk'
  | 'backfill'
  | 'rehearsal'
  | 'sandboxShop'
  | 'agency';

/** An event at a moment of the story. */
export interface Scene {
  /** ms since the epoch */
  readonly time: number;
  play(): Promise<void>;
}

export function emptyCast(): Cast {
  return { users: new Map(), applications: new Map(), senders: new Map() };
}

export function senderOf({ cast }: Stage, name: SenderName): Sender {
  return known(cast.senders.get(name), name);
}

export function applicationOf({ cast }: Stage, name: 'shop' | 'sandbox'): Application {
  return known(cast.applications.get(name), name);
}

/** A core whose changes are attributed to a user. */
export function coreOf({ core, cast }: Stage, name: UserName): Core {
  return { ...core, actor: { userId: known(cast.users.get(name), name).user.id } };
}

function known<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new Error(`The story has not met ${name} yet`);
  return found;
}

/** Sends a call and checks the status of its answer: any other status would change the story. */
export async function expectAnswer(stage: Stage, call: Call, ...statuses: readonly number[]): Promise<void> {
  const { status, body } = await stage.send(call);
  if (!statuses.includes(status)) {
    throw new Error(
      `${call.method} ${call.path} was answered with ${status} instead of ${statuses.join(' or ')}: ${body}`,
    );
  }
}
