/** All planted faults. */

import { ACCESS_LOG_FAULTS } from './access-log.ts';
import { ACCOUNT_FAULTS } from './accounts.ts';
import { ANSWER_FAULTS } from './answers.ts';
import { ERASURE_FAULTS } from './erasures.ts';
import type { PlantedFault } from './fault.ts';
import { FILE_FAULTS } from './files.ts';
import { PROCESS_FAULTS } from './processes.ts';
import { THREAD_FAULTS } from './threads.ts';
import { TRANSACTION_FAULTS } from './transactions.ts';
import { UPKEEP_FAULTS } from './upkeep.ts';

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  ...THREAD_FAULTS,
  ...TRANSACTION_FAULTS,
  ...FILE_FAULTS,
  ...UPKEEP_FAULTS,
  ...ANSWER_FAULTS,
  ...ERASURE_FAULTS,
  ...ACCOUNT_FAULTS,
  ...ACCESS_LOG_FAULTS,
  ...PROCESS_FAULTS,
];
