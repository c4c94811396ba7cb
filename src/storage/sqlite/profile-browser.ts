/** Finds customer profiles for people, in order, only by index: each step visits a bounded number of rows. */

import type { AttributeLimits } from '../../domain/definitions/attribute-sizes.ts';
import { valueKey } from '../../domain/definitions/attribute-values.ts';
import type { Environment } from '../../domain/environment.ts';
import type { ProfileState } from '../../domain/memberships/commands.ts';
import { hasValues } from '../../domain/memberships/search.ts';
import type { ProfileFilter, ProfileStep, ProfileWalk, WantedValue } from '../../domain/memberships/storage.ts';
import { environmentToNumber, PROFILE_COLUMNS, type ProfileRow, toProfileState } from '../sql/rows.ts';
import type { CatalogCache } from './catalog-cache.ts';
import { type Connection, readSnapshot } from './database.ts';

// Candidates examined in one step: about 20 ms if each must be read.
const VISITS = 2_000;
// Used if the index alone shows that all candidates match.
const VISITS_BY_INDEX = 20_000;
// How far lists are counted to find the shortest; the second limit is used only if none ended within the first.
const COUNTED = [VISITS, 20_000];
const LAST = Number.MAX_SAFE_INTEGER;

/** With the key it is indexed under. */
interface KeyedValue extends WantedValue {
  readonly key: number;
  /** Sets of attribute jobs that give members this value, which the index may not contain yet; nearly always none. */
  readonly promisedTo: readonly number[];
}

/** IDs of candidates after one, in the order of the walk. */
interface Source {
  /** True when every candidate matches. */
  readonly exact: boolean;
  take(after: number, limit: number): number[];
}

export class SqliteProfileBrowser {
  readonly #database: Connection;
  readonly #catalog: CatalogCache;
  readonly #limits: AttributeLimits;
  readonly #findProfile;
  readonly #findNumber;
  readonly #findModified;
  readonly #isConnected;
  readonly #countConnected;
  readonly #hasValue;
  readonly #countValues;
  readonly #sources;

  constructor(database: Connection, catalog: CatalogCache, limits: AttributeLimits) {
    this.#database = database;
    this.#catalog = catalog;
    this.#limits = limits;
    this.#findProfile = database.prepare<[number], ProfileRow>(`select ${PROFILE_COLUMNS} from profiles where id = ?`);
    this.#findNumber = database
      .prepare<[number, string], number>('select id from profiles where environment = ? and integration_id = ?')
      .pluck();
    this.#findModified = database
      .prepare<[number, string], number>('select modified from profiles where environment = ? and integration_id = ?')
      .pluck();
    this.#isConnected = database.prepare<[number, number]>(
      'select 1 from application_profiles where application_id = ? and profile_id = ?',
    );
    this.#countConnected = database
      .prepare<[number], number>('select profiles from application_profile_counts where application_id = ?')
      .pluck();
    this.#hasValue = database.prepare<[number, number, number, number]>(`
      select 1 from attribute_values where environment = ? and attribute_id = ? and value = ? and profile_id = ?`);
    this.#countValues = database
      .prepare<[number, number, number, number], number>(`
      select count(*) from (
        select 1 from attribute_values where environment = ? and attribute_id = ? and value = ? limit ?)`)
      .pluck();
    this.#sources = { ascending: prepareSources(database, false), descending: prepareSources(database, true) };
  }

  find(id: number): ProfileState | undefined {
    return readSnapshot(this.#database, () => {
      const row = this.#findProfile.get(id);
      return row === undefined ? undefined : toProfileState(row, this.#catalog.current(), this.#limits);
    });
  }

  listWrittenSince(environment: Environment, integrationIds: readonly string[], time: number, limit: number): string[] {
    return readSnapshot(this.#database, () => {
      const written: string[] = [];
      for (const integrationId of integrationIds) {
        const modified = this.#findModified.get(environmentToNumber(environment), integrationId);
        if (modified !== undefined && modified > time) written.push(integrationId);
        if (written.length === limit) break;
      }
      return written;
    });
  }

  countOfApplication(applicationId: number): number {
    return readSnapshot(this.#database, () => this.#countConnected.get(applicationId) ?? 0);
  }

  walk(walk: ProfileWalk): ProfileStep {
    return readSnapshot(this.#database, () => this.#step(walk));
  }

  #step({ filter, descending, after, skip, limit }: ProfileWalk): ProfileStep {
    const values = (filter.values ?? []).map((each) => this.#keyed(each));
    const source = this.#chooseSource(filter, values, descending);
    const start = after ?? (descending ? LAST : 0);
    if (source.exact && skip > 0) {
      const passed = source.take(start, Math.min(skip, VISITS_BY_INDEX));
      const next = passed.length < Math.min(skip, VISITS_BY_INDEX) ? undefined : passed.at(-1);
      return { profiles: [], skipped: passed.length, next };
    }
    const visits = source.exact ? Math.min(limit, VISITS) : VISITS;
    const profiles: ProfileState[] = [];
    let skipped = 0;
    const candidates = source.take(start, visits);
    for (const id of candidates) {
      const profile = this.#wanted(id, filter, values);
      if (profile === undefined) continue;
      if (skipped < skip) skipped += 1;
      else profiles.push(profile);
      if (profiles.length === limit && limit > 0) return { profiles, skipped, next: id };
    }
    return { profiles, skipped, next: candidates.length < visits ? undefined : candidates.at(-1) };
  }

  #keyed(wanted: WantedValue): KeyedValue {
    const { name, type, value } = wanted;
    const key = valueKey(type, value);
    const jobs = this.#catalog.current().attributeJobs.filter(({ attributes }) => {
      const given = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      return given !== undefined && given !== null && valueKey(type, given) === key;
    });
    return { ...wanted, key, promisedTo: [...new Set(jobs.map(({ memberSet }) => memberSet))] };
  }

  /** The shortest list that contains every matching profile. */
  #chooseSource(filter: ProfileFilter, values: readonly KeyedValue[], descending: boolean): Source {
    const { applicationId, integrationIds, profileIds } = filter;
    const environment = environmentToNumber(filter.environment);
    const { everyone, connected, ofValue, ofSet } = descending ? this.#sources.descending : this.#sources.ascending;
    if (integrationIds !== undefined || profileIds !== undefined) {
      const ids = profileIds ?? (integrationIds ?? []).map((each) => this.#findNumber.get(environment, each) ?? 0);
      return listSource(ids, descending);
    }
    const shortest = this.#shortest(environment, values);
    if (shortest !== undefined) {
      const { attributeId, key, promisedTo } = shortest;
      const filed = (after: number, limit: number) => ofValue.all(environment, attributeId, key, after, limit);
      if (promisedTo.length === 0) return { exact: false, take: filed };
      return mergedSource([filed, ...promisedTo.map((set) => ofSet.all.bind(ofSet, set))], descending);
    }
    if (applicationId !== undefined) {
      return { exact: true, take: (after, limit) => connected.all(applicationId, after, limit) };
    }
    return { exact: true, take: (after, limit) => everyone.all(environment, after, limit) };
  }

  #shortest(environment: number, wanted: readonly KeyedValue[]): KeyedValue | undefined {
    const filed = wanted.filter(({ promisedTo }) => promisedTo.length === 0);
    const values = filed.length === 0 ? wanted.slice(0, 1) : filed;
    if (values.length <= 1) return values[0];
    let shortest: { value: KeyedValue; count: number } | undefined;
    for (const most of COUNTED) {
      shortest = undefined;
      for (const value of values) {
        const count = this.#countValues.get(environment, value.attributeId, value.key, most) ?? 0;
        if (shortest === undefined || count < shortest.count) shortest = { value, count };
      }
      if (shortest !== undefined && shortest.count < most) break;
    }
    return shortest?.value;
  }

  #wanted(id: number, filter: ProfileFilter, values: readonly KeyedValue[]): ProfileState | undefined {
    const { applicationId, integrationIds, profileIds } = filter;
    if (applicationId !== undefined && this.#isConnected.get(applicationId, id) === undefined) return undefined;
    const environment = environmentToNumber(filter.environment);
    for (const { attributeId, key, promisedTo } of values) {
      if (promisedTo.length === 0 && this.#hasValue.get(environment, attributeId, key, id) === undefined)
        return undefined;
    }
    const row = this.#findProfile.get(id);
    if (row === undefined || row.environment !== environment) return undefined;
    if (profileIds !== undefined && integrationIds?.includes(row.integration_id) === false) return undefined;
    const profile = toProfileState(row, this.#catalog.current(), this.#limits);
    return hasValues(profile, values) ? profile : undefined;
  }
}

function listSource(ids: readonly number[], descending: boolean): Source {
  const sorted = [...new Set(ids)].sort((a, b) => (descending ? b - a : a - b));
  return {
    exact: false,
    take: (after, limit) => sorted.filter((each) => (descending ? each < after : each > after)).slice(0, limit),
  };
}

/** The union of several lists, in the order in which they are read. */
function mergedSource(lists: readonly Source['take'][], descending: boolean): Source {
  return {
    exact: false,
    take: (after, limit) => {
      const ids = new Set(lists.flatMap((take) => take(after, limit)));
      return [...ids].sort((a, b) => (descending ? b - a : a - b)).slice(0, limit);
    },
  };
}

function prepareSources(database: Connection, descending: boolean) {
  const [behind, direction] = descending ? ['<', 'desc'] : ['>', 'asc'];
  return {
    everyone: database
      .prepare<[number, number, number], number>(
        `select id from profiles where environment = ? and id ${behind} ? order by id ${direction} limit ?`,
      )
      .pluck(),
    connected: database
      .prepare<[number, number, number], number>(`
        select profile_id from application_profiles where application_id = ? and profile_id ${behind} ?
        order by profile_id ${direction} limit ?`)
      .pluck(),
    ofSet: database
      .prepare<[number, number, number], number>(`
        select profile_id from members where member_set = ? and profile_id ${behind} ?
        order by profile_id ${direction} limit ?`)
      .pluck(),
    ofValue: database
      .prepare<[number, number, number, number, number], number>(`
        select profile_id from attribute_values
        where environment = ? and attribute_id = ? and value = ? and profile_id ${behind} ?
        order by profile_id ${direction} limit ?`)
      .pluck(),
  };
}
