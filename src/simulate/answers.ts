// Owns reading the server's answers: what a refusal means for the user, and what a success says.
import type { Message } from './messages.ts';
import type { Outcome } from './sender.ts';
import { SimulationError } from './simulation-error.ts';

export type Answer = Extract<Outcome, { kind: 'answered' }>;

/** A profile as returned by an update, reduced to what the simulator checks. */
export interface ProfileAnswer {
  integrationId: string | undefined;
  attributes: Record<string, unknown>;
  audienceIds: number[];
}

/** The final answer of a call when its status is one of `statuses`; anything else ends the simulation. */
export function expectStatus(message: Message, outcome: Outcome, statuses: readonly number[]): Answer {
  if (outcome.kind === 'halted') throw new SimulationError('failed', `stopped during ${message.title}`);
  if (outcome.kind === 'gave-up') {
    throw new SimulationError('failed', `${message.title}: no answer after all attempts (${outcome.reason})`);
  }
  if (!statuses.includes(outcome.status)) throw refusal(message, outcome);
  return outcome;
}

/** Describes an answer that no retry will change: the call, the status, the server's own text, and what to check. */
export function refusal(message: Message, answer: Answer): SimulationError {
  const text = serverText(answer.body);
  const called = `${message.method} ${message.path}`;
  const said = `${message.title} was refused: ${called} → ${answer.status}${text === '' ? '' : ` ${text}`}`;
  return new SimulationError('failed', `${said}${hint(answer.status)}`);
}

function hint(status: number): string {
  if (status === 401) {
    return '\nThe key must be valid and have the platform customer_data (rollcall key create --platform customer_data).';
  }
  if (status >= 300 && status < 400) return '\nThe server redirects; give --url the address it redirects to.';
  return '';
}

function serverText(body: string): string {
  const parsed = parseObject(body);
  const text = parsed?.['Error'] ?? parsed?.['message'];
  return typeof text === 'string' ? text : body.trim().slice(0, 200);
}

/** The server's ID for an audience, from the answer to its creation or renaming. */
export function audienceIdOf(message: Message, answer: Answer): number {
  const id = parseObject(answer.body)?.['id'];
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id;
  throw new SimulationError('failed', `${message.title}: the answer ${answer.status} contains no audience ID`);
}

/** The profile in the answer to an update. Throws when the answer does not have the published shape. */
export function profileOf(message: Message, answer: Answer): ProfileAnswer {
  const profile = parseObject(answer.body)?.['customerProfile'];
  const memberships = isObject(profile) ? profile['audienceMemberships'] : undefined;
  if (!isObject(profile) || !Array.isArray(memberships)) {
    const missing = 'customerProfile.audienceMemberships';
    throw new SimulationError('failed', `${message.title}: the answer ${answer.status} contains no ${missing}`);
  }
  return {
    integrationId: typeof profile['integrationId'] === 'string' ? profile['integrationId'] : undefined,
    attributes: isObject(profile['attributes']) ? profile['attributes'] : {},
    audienceIds: memberships.flatMap((entry: unknown) =>
      isObject(entry) && typeof entry['id'] === 'number' ? [entry['id']] : [],
    ),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
