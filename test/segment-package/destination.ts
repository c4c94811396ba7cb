/** The parts of Segment's published packages that are used here; they are loaded as they are, without their types. */

import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface Settings {
  readonly apiKey: string;
  readonly deployment: string;
}

interface Driver {
  testAuthentication(settings: Settings): Promise<void>;
  executeAction(action: string, input: { event: object; mapping: object; settings: Settings }): Promise<unknown>;
}

/** What came of a call: the HTTP status of the last answer, and the message of an error. */
export interface Outcome {
  readonly status: number;
  readonly message: string;
}

/** The destination `talon-one`, run by Segment's own runtime. */
export class SegmentDestination {
  readonly #driver: Driver;

  /** @param destinations the folder with the unpacked `@segment/action-destinations` */
  constructor(destinations: string) {
    const load = createRequire(import.meta.url);
    const { Destination } = load('@segment/actions-core') as { Destination: new (definition: unknown) => Driver };
    const definition = load(join(destinations, 'dist', 'destinations', 'talon-one', 'index.js')) as {
      default: unknown;
    };
    this.#driver = new Destination(definition.default);
  }

  async testCredentials(settings: Settings): Promise<Outcome> {
    return outcomeOf(async () => this.#driver.testAuthentication(settings));
  }

  /** @param mapping the values of the action's fields, as a customer maps them */
  async act(action: string, settings: Settings, mapping: object): Promise<Outcome> {
    const event = { type: 'identify', messageId: 'm', userId: 'u', traits: {}, timestamp: new Date().toISOString() };
    return outcomeOf(async () => this.#driver.executeAction(action, { event, mapping, settings }));
  }
}

/** Of several results of an action the last one is that of its request. */
async function outcomeOf(call: () => Promise<unknown>): Promise<Outcome> {
  try {
    await call();
    return { status: 200, message: '' };
  } catch (error) {
    const { response, message } = error as {
      response?: { status?: number; data?: { Error?: string } };
      message?: string;
    };
    return { status: response?.status ?? 0, message: response?.data?.Error ?? message ?? String(error) };
  }
}
