/** What a replay leaves out because something newer was written, and the choice to apply it anyway. */

import { Alert, Checkbox, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReplayResult, SkippedEffect } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { countOf } from '../../parts/numbers.ts';

const SHOWN = 10;

const REASONS: Record<SkippedEffect['reason'], string> = {
  newerReplay: 'a request that arrived later has already been replayed',
  profileWritten: 'attributes of the profile have been written since, possibly this one',
  membershipChanged: 'the membership has changed since',
  membersReplaced: 'all members have been replaced since',
  audienceDeleted: 'the audience has been deleted since',
  audienceChanged: 'the audience has been changed since',
  ledgerPruned: 'the history no longer reaches back that far',
  profileErased: 'the person has been erased since',
};

/** The ledger decides about memberships, and it is exact. */
function canOverride({ attribute, integrationId }: SkippedEffect): boolean {
  return attribute !== null || integrationId === null;
}

export interface SkippedEffectsProps {
  readonly results: readonly ReplayResult[];
  readonly override: boolean;
  /** Absent once the requests have been sent. */
  readonly onOverride?: (override: boolean) => void;
}

export function SkippedEffects({ results, override, onOverride }: SkippedEffectsProps) {
  const skipped = results.flatMap((each) => each.skipped);
  const count = results.reduce((total, { skippedCount }) => total + skippedCount, 0);
  const offersOverride = onOverride !== undefined && (override || skipped.some(canOverride));
  return (
    <>
      {count === 0 ? null : (
        <Alert
          color="amber"
          icon={<IconAlertTriangle size={20} aria-hidden />}
          title={`${countOf(count, 'change')} left out because something newer was written`}
          role="note"
        >
          <List size="sm">
            {skipped.slice(0, SHOWN).map((each, index) => (
              <List.Item key={index}>
                <Effect effect={each} />, because {REASONS[each.reason]}
              </List.Item>
            ))}
          </List>
          {count > SHOWN ? <Text size="sm">and {countOf(count - SHOWN, 'other')}</Text> : null}
        </Alert>
      )}
      {offersOverride ? (
        <Checkbox
          label="Apply older attribute values and audience changes anyway"
          description={
            override
              ? 'Older values will replace newer ones. Memberships that have changed since stay as they are.'
              : 'They will replace newer values.'
          }
          checked={override}
          onChange={(event) => onOverride(event.currentTarget.checked)}
        />
      ) : null}
    </>
  );
}

function Effect({ effect }: { readonly effect: SkippedEffect }) {
  const { action, integrationId, attribute, audienceId } = effect;
  const profile = <code className="mono">{integrationId}</code>;
  if (attribute !== null) {
    return (
      <>
        {action} <code className="mono">{attribute}</code> of {profile}
      </>
    );
  }
  const audience = audienceId === null ? 'audience' : `audience ${audienceId}`;
  return integrationId === null ? (
    `${action} ${audience}`
  ) : (
    <>
      {profile} {action === 'join' ? 'joins' : 'leaves'} {audience}
    </>
  );
}
