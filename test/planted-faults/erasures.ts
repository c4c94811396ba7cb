/** Faults in erasures: what becomes of the ID, and of erased people who are sent again. */

import type { PlantedFault } from './fault.ts';

const CONFORMANCE = ['test/storage/sqlite.test.ts'];
const FILES = ['test/storage/erased-people.test.ts'];
const ONLY = 'in memory > erasures';

export const ERASURE_FAULTS: readonly PlantedFault[] = [
  {
    what: 'an erased profile keeps its ID in the store',
    text: 'if (profile.isErased) renameProfile.run(key[1], integrationId, id);',
    fault: '',
    tests: CONFORMANCE,
    only: ONLY,
  },
  {
    what: 'an erased profile is where requests find it',
    text: 'return environmentToNumber(environment) + (isErased ? ERASED : 0);',
    fault: 'return environmentToNumber(environment);',
    tests: CONFORMANCE,
    only: ONLY,
  },
  {
    what: 'an erased profile still counts as seen by an Application',
    text: 'if (changes > 0) this.#statements.countOut.run(applicationId);',
    fault: '',
    tests: CONFORMANCE,
    only: ONLY,
  },
  {
    what: 'the ledger names erased people by their pseudonyms',
    text: 'iif(profiles.environment < 2, profiles.integration_id, null) as integration_id',
    fault: 'profiles.integration_id as integration_id',
    tests: CONFORMANCE,
    only: ONLY,
  },
  {
    what: 'an erasure is finished before the access log is',
    text: '  await accessLog.eraseProfile(person.environment, person.integrationId);\n  await storage.finishErasure(person.profileId);',
    fault:
      '  await storage.finishErasure(person.profileId);\n  await accessLog.eraseProfile(person.environment, person.integrationId);',
    tests: FILES,
    only: 'cannot be read',
  },
  {
    what: 'the store forgets that an environment keeps erased people out',
    text: 'for (const each of this.#staying) this.#statements.addStaying.run(environmentToNumber(each));',
    fault: '',
    tests: FILES,
    only: 'keep erased people out',
  },
];
