/** The setting of storage cases: a store with both environments set up, and short ways to write to it and read it. */

import { COMMAND_LINE } from '../../src/domain/actor.ts';
import type { Application } from '../../src/domain/definitions/applications.ts';
import type { Attribute, AttributeType, AttributeValue } from '../../src/domain/definitions/attributes.ts';
import type { Audience } from '../../src/domain/definitions/audiences.ts';
import type { Environment } from '../../src/domain/environment.ts';
import { DomainError, type ErrorCode } from '../../src/domain/errors.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';
import type {
  AudienceRef,
  AudienceTarget,
  Caller,
  MembershipChange,
  ProfileState,
  SetAudienceAttributes,
  UpdateProfile,
  WriteCommand,
  WriteOutcome,
  WriteResult,
} from '../../src/domain/memberships/commands.ts';
import type { Replacement } from '../../src/domain/memberships/storage.ts';
import type { Storage, VerifyProblem } from '../../src/domain/storage.ts';

export const PLATFORM = 'Customer Data Platform';

export interface ProfileUpdate {
  readonly attributes?: Readonly<Record<string, JsonValue>>;
  readonly adds?: readonly AudienceRef[];
  readonly deletes?: readonly AudienceRef[];
  readonly runRuleEngine?: boolean;
  readonly skipUndefinedAttributes?: boolean;
  readonly integration?: string;
}

export class World {
  readonly storage: Storage;
  readonly live: Application;
  readonly sandbox: Application;
  #requests = 0;

  private constructor(storage: Storage, live: Application, sandbox: Application) {
    this.storage = storage;
    this.live = live;
    this.sandbox = sandbox;
  }

  static async create(storage: Storage): Promise<World> {
    const rest = {
      timezone: 'UTC',
      currency: 'EUR',
      description: '',
      payloadLogging: 'full',
      staging: false,
    } as const;
    const live = await storage.createApplication(COMMAND_LINE, { name: 'Live', environment: 'live', ...rest });
    const sandbox = await storage.createApplication(COMMAND_LINE, { name: 'Sandbox', environment: 'sandbox', ...rest });
    return new World(storage, live, sandbox);
  }

  /** The same world in a store that was reopened. */
  in(storage: Storage): World {
    return new World(storage, this.live, this.sandbox);
  }

  caller(environment: Environment = 'live'): Caller {
    this.#requests += 1;
    return {
      requestUuid: `00000000-0000-4000-8000-${String(this.#requests).padStart(12, '0')}`,
      keyId: 1,
      applicationId: this[environment].id,
      environment,
      bytes: 100,
    };
  }

  // ---- commands

  update(integrationId: string, change: ProfileUpdate = {}, environment: Environment = 'live'): UpdateProfile {
    return {
      kind: 'updateProfile',
      caller: this.caller(environment),
      integration: change.integration ?? PLATFORM,
      integrationId,
      attributes: change.attributes,
      skipUndefinedAttributes: change.skipUndefinedAttributes ?? false,
      adds: change.adds ?? [],
      deletes: change.deletes ?? [],
      runRuleEngine: change.runRuleEngine ?? false,
    };
  }

  bulk(items: readonly MembershipChange[], environment: Environment = 'live', integration = PLATFORM): WriteCommand {
    return { kind: 'updateMemberships', caller: this.caller(environment), integration, items };
  }

  creation(
    integrationId: string,
    environment: Environment = 'live',
    integration = PLATFORM,
    name = `Name of ${integrationId}`,
  ): WriteCommand {
    const target = { integration, integrationId };
    return { kind: 'createAudience', caller: this.caller(environment), target, name, details: undefined };
  }

  renaming(
    integrationId: string,
    name: string,
    environment: Environment = 'live',
    integration = PLATFORM,
  ): WriteCommand {
    return {
      kind: 'updateAudience',
      caller: this.caller(environment),
      target: { integration, integrationId },
      change: { name },
    };
  }

  deletion(integrationId: string, environment: Environment = 'live', integration = PLATFORM): WriteCommand {
    return { kind: 'deleteAudience', caller: this.caller(environment), target: { integration, integrationId } };
  }

  erasure(integrationId: string, environment: Environment = 'live'): WriteCommand {
    return { kind: 'eraseProfile', caller: this.caller(environment), integrationId };
  }

  attributesOfAll(
    target: AudienceTarget,
    attributes: Readonly<Record<string, JsonValue>>,
    environment: Environment = 'live',
  ): SetAudienceAttributes {
    return { kind: 'setAudienceAttributes', caller: this.caller(environment), target, attributes };
  }

  // ---- writing

  /** Writes the commands in one batch; each must succeed. */
  async write(...commands: WriteCommand[]): Promise<WriteResult[]> {
    return (await this.storage.write(commands)).map(resultOf);
  }

  async updateProfile(...parameters: Parameters<World['update']>): Promise<ProfileState> {
    return (await this.write(this.update(...parameters)))[0] as ProfileState;
  }

  async createAudience(...parameters: Parameters<World['creation']>): Promise<Audience> {
    return (await this.write(this.creation(...parameters)))[0] as Audience;
  }

  /** One request that adds the profiles to the audience. */
  async add(
    audience: AudienceRef,
    integrationIds: readonly string[],
    environment: Environment = 'live',
  ): Promise<void> {
    await this.write(
      this.bulk(
        integrationIds.map((integrationId) => ({ integrationId, adds: [audience], deletes: [] })),
        environment,
      ),
    );
  }

  /** One request that removes the profiles from the audience. */
  async remove(
    audience: AudienceRef,
    integrationIds: readonly string[],
    environment: Environment = 'live',
  ): Promise<void> {
    await this.write(
      this.bulk(
        integrationIds.map((integrationId) => ({ integrationId, adds: [], deletes: [audience] })),
        environment,
      ),
    );
  }

  async defineAttribute(name: string, type: AttributeType, applicationIds: readonly number[] = []): Promise<void> {
    await this.storage.createAttribute(COMMAND_LINE, {
      entity: 'CustomerProfile',
      name,
      title: name,
      type,
      description: '',
      suggestions: [],
      restrictedBySuggestions: false,
      hasAllowedList: false,
      details: {},
      editable: true,
      applicationIds,
    });
  }

  async replaceMembers(
    audienceId: number,
    integrationIds: readonly string[],
  ): Promise<Pick<Replacement, 'members' | 'joins' | 'leaves'>> {
    const set = await this.storage.beginReplacement(audienceId);
    await this.storage.stageMembers(audienceId, set, integrationIds);
    const { members, joins, leaves } = await this.storage.finishReplacement(audienceId, set, this.caller());
    return { members, joins, leaves };
  }

  async purgeAll(): Promise<number> {
    let calls = 1;
    while (await this.storage.purge()) calls += 1;
    return calls;
  }

  // ---- reading

  /** Integration IDs of the members, by profile number, read in pages. */
  async members(audienceId: number, pageSize = 1000): Promise<string[]> {
    const members: string[] = [];
    let after = 0;
    for (;;) {
      const page = await this.storage.listMembers(audienceId, after, pageSize);
      if (page.length === 0) return members;
      members.push(...page.map((each) => each.integrationId));
      after = page.at(-1)?.profileId ?? 0;
    }
  }

  /** The audience's member count according to its counter; undefined if it is not listed. */
  async size(audienceId: number): Promise<number | undefined> {
    return (await this.storage.browse.listAudiences()).find((each) => each.id === audienceId)?.members;
  }

  /** External IDs (or numbers) of the profile's audiences. */
  async audiencesOf(integrationId: string, environment: Environment = 'live'): Promise<(string | number)[]> {
    const [found] = await this.storage.findAudiencesOf(environment, [integrationId]);
    return (found ?? []).map((each) => each.integrationId ?? each.id);
  }

  /** IDs of the profiles that have these values, by profile number; read in steps of at most `limit`. */
  async search(
    wanted: Readonly<Record<string, AttributeValue>>,
    environment: Environment = 'live',
    limit = 1000,
  ): Promise<string[]> {
    const { attributes } = await this.storage.catalog();
    const values = Object.entries(wanted).map(([name, value]) => {
      const { id: attributeId, type } = attributes.get(name) as Attribute;
      return { attributeId, name, type, value };
    });
    const found: string[] = [];
    let after: number | undefined;
    do {
      const walk = { filter: { environment, values }, descending: false, after, skip: 0, limit };
      const step = await this.storage.browse.walkProfiles(walk);
      found.push(...step.profiles.map(({ integrationId }) => integrationId));
      after = step.next;
    } while (after !== undefined);
    return found;
  }

  async problems(): Promise<VerifyProblem[]> {
    return problemsOf(this.storage);
  }
}

export async function problemsOf(storage: Storage): Promise<VerifyProblem[]> {
  const problems: VerifyProblem[] = [];
  await storage.verify(
    (problem) => problems.push(problem),
    () => {},
  );
  return problems;
}

/** Copies a store, if its engine makes copies. @throws DomainError `conflict` if the file exists */
export async function backUp({ backup }: Storage, file: string): Promise<void> {
  if (backup === undefined) throw new Error('This engine leaves backups to tools of its own');
  await backup(file);
}

/** The result of a command, which must have succeeded. */
export function resultOf(outcome: WriteOutcome): WriteResult {
  if ('result' in outcome) return outcome.result;
  throw new Error(JSON.stringify(outcome));
}

/** The code that an outcome was refused with; its text if it was not refused. */
export function codeOf(outcome: WriteOutcome | undefined): string {
  return outcome !== undefined && 'error' in outcome ? outcome.error.code : JSON.stringify(outcome);
}

/** The code a call is refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<ErrorCode> {
  try {
    await call;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  throw new Error('The call was not refused');
}

export function range(count: number, prefix = 'profile-'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}
