// Owns the verdict: compares what the server says about a profile with what it has acknowledged.
import type { ProfileAnswer } from './answers.ts';
import type { AudienceSetup } from './audience-setup.ts';
import type { MembershipRecord } from './membership-record.ts';
import type { SyncedAudience } from './messages.ts';
import type { People } from './people.ts';

const MOST_EXAMPLES = 10;

/** Collects differences; the same difference seen twice counts once. */
export class ProfileCheck {
  readonly missing = new Set<string>();
  readonly unexpected = new Set<string>();
  readonly wrongAttributes = new Set<string>();
  readonly examples: string[] = [];
  readonly #record: MembershipRecord;
  readonly #people: People;
  readonly #audiences: readonly SyncedAudience[];
  readonly #indexOf: Map<number, number>;
  readonly #replacedIds: ReadonlySet<number>;
  /** Attributes the server has defined, learned from its first answer; it drops the others, as requested. */
  #defined: Set<string> | undefined;

  constructor(record: MembershipRecord, people: People, setup: AudienceSetup) {
    this.#record = record;
    this.#people = people;
    this.#audiences = setup.audiences;
    this.#indexOf = new Map(setup.audiences.map(({ id }, index) => [id, index]));
    this.#replacedIds = setup.replacedIds;
  }

  get clean(): boolean {
    return this.missing.size + this.unexpected.size + this.wrongAttributes.size === 0;
  }

  /** Checks an answer that must show the profile exactly as recorded. Audiences of others are ignored. */
  compare(profile: number, answer: ProfileAnswer): void {
    const id = this.#people.id(profile);
    if (answer.integrationId !== undefined && answer.integrationId !== id) {
      this.#note(this.unexpected, `customer ${id} came back as ${answer.integrationId}`);
    }
    this.#compareMemberships(profile, id, answer.audienceIds);
    this.#compareAttributes(profile, id, answer.attributes);
  }

  #compareMemberships(profile: number, id: string, audienceIds: readonly number[]): void {
    const shown = new Set<number>();
    for (const audienceId of audienceIds) {
      const index = this.#indexOf.get(audienceId);
      if (index === undefined) {
        if (!this.#replacedIds.has(audienceId)) continue;
        this.#note(this.unexpected, `customer ${id} is still in audience ${audienceId}, which was deleted`);
        continue;
      }
      if (shown.has(index)) this.#note(this.unexpected, `customer ${id} is listed twice in ${this.#name(index)}`);
      shown.add(index);
      if (!this.#record.has(profile, index)) {
        this.#note(this.unexpected, `customer ${id} should not be in ${this.#name(index)}`);
      }
    }
    for (let index = 0; index < this.#audiences.length; index++) {
      if (this.#record.has(profile, index) && !shown.has(index)) {
        this.#note(this.missing, `customer ${id} should be in ${this.#name(index)}`);
      }
    }
  }

  #compareAttributes(profile: number, id: string, shown: Record<string, unknown>): void {
    const version = this.#record.version(profile);
    if (version === 0) return;
    const expected = this.#people.attributes(profile, version);
    // The first answer to an update determines which attributes exist; if one is missing later, it was lost.
    this.#defined ??= new Set(Object.keys(expected).filter((name) => name in shown));
    for (const [name, value] of Object.entries<string | number | boolean>(expected)) {
      if (!this.#defined.has(name) || sameValue(name, value, shown[name])) continue;
      const found = name in shown ? JSON.stringify(shown[name]) : 'nothing';
      this.#note(this.wrongAttributes, `customer ${id} should have ${name} ${JSON.stringify(value)}, has ${found}`);
    }
  }

  #name(index: number): string {
    return `'${this.#audiences[index]?.externalId ?? index}'`;
  }

  #note(where: Set<string>, finding: string): void {
    if (where.has(finding)) return;
    where.add(finding);
    if (this.examples.length < MOST_EXAMPLES) this.examples.push(finding);
  }
}

// A time may be returned in another notation of the same instant.
function sameValue(name: string, expected: string | number | boolean, shown: unknown): boolean {
  if (shown === expected) return true;
  return (
    name === 'LastSeen' &&
    typeof shown === 'string' &&
    typeof expected === 'string' &&
    Date.parse(shown) === Date.parse(expected)
  );
}
