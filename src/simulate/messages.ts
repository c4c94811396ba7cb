// Owns the bytes the simulated CDP puts on the wire: paths and bodies of the calls it makes.
import type { CatalogueEntry } from './audience-catalogue.ts';
import type { People } from './people.ts';
import { NO_AUDIENCE, type PlannedCall } from './plan.ts';

/** An audience after its creation: `id` is the ID the server assigned. */
export interface SyncedAudience extends CatalogueEntry {
  id: number;
}

/** A call ready to be sent. */
export interface Message {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: string;
  /** The call in words, for messages to the user. */
  title: string;
}

const PROFILE_PATH = '/cdp/customer_profile/';

/** Renders calls by joining prebuilt strings: the client shares its machine with the server and must be cheap. */
export class MessageWriter {
  readonly #people: People;
  readonly #audiences: readonly SyncedAudience[];
  readonly #joinTails: string[];
  readonly #leaveTails: string[];

  constructor(people: People, audiences: readonly SyncedAudience[]) {
    this.#people = people;
    this.#audiences = audiences;
    this.#joinTails = audiences.map(({ externalId }) => `","adds":[${JSON.stringify(externalId)}]}`);
    this.#leaveTails = audiences.map(({ externalId }) => `","deletes":[${JSON.stringify(externalId)}]}`);
  }

  render(call: PlannedCall): Message {
    return call.kind === 'batch' ? this.#batch(call) : this.#single(call);
  }

  /**
   * An update that changes nothing: the way to read a profile with a platform's key. The server must already know the
   * profile.
   */
  read(profile: number): Message {
    return {
      method: 'PUT',
      path: PROFILE_PATH + encodeURIComponent(this.#people.id(profile)),
      body: '{}',
      title: `reading customer ${this.#people.id(profile)} back`,
    };
  }

  #batch(call: PlannedCall): Message {
    let body = '{"data":[';
    for (let at = 0; at < call.size; at++) {
      const tails = call.joins[at] === 1 ? this.#joinTails : this.#leaveTails;
      body += at === 0 ? '{"customerProfileId":"' : ',{"customerProfileId":"';
      // Identifiers contain nothing that JSON escapes, see People.id.
      body += this.#people.id(call.profiles[at] ?? 0);
      body += tails[call.audiences[at] ?? 0] ?? '';
    }
    const path = '/cdp/v2/customer_profiles/audiences';
    return { method: 'PUT', path, body: `${body}]}`, title: `a batch of ${call.size} profiles` };
  }

  #single(call: PlannedCall): Message {
    const profile = call.profiles[0] ?? 0;
    const audience = call.audiences[0] ?? NO_AUDIENCE;
    const id = this.#people.id(profile);
    const update: Record<string, unknown> = { attributes: this.#people.update(profile, call.version) };
    if (audience !== NO_AUDIENCE) {
      update['audiencesChanges'] = { [call.joins[0] === 1 ? 'adds' : 'deletes']: [this.#audiences[audience]?.id] };
    }
    return {
      method: 'PUT',
      // Attributes the server has not defined are no reason to fail: a CDP sends what it has.
      path: `${PROFILE_PATH}${encodeURIComponent(id)}?skipNonExistingAttributes=true`,
      body: JSON.stringify(update),
      title: `the update of customer ${id}`,
    };
  }
}
