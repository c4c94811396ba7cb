/** The history of a profile's memberships, newest first; each entry links to its request. */

import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { MembershipChange } from '../../../../src/http/surfaces/management/memberships-schemas.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Paging } from '../../parts/paging.tsx';
import { ChangeList, describeWholeAudience } from './change-list.tsx';
import { profileChangesQuery } from './queries.ts';

export function ProfileTimeline({ customerId }: { readonly customerId: number }) {
  const { cursor } = useSearch({ from: '/shell/profiles/$profileId' });
  const navigate = useNavigate({ from: '/profiles/$profileId' });
  const query = useQuery(profileChangesQuery(customerId, cursor));
  return (
    <Loaded query={query}>
      {({ data, nextCursor }) => (
        <>
          {data.length === 0 ? (
            <EmptyState title="No changes recorded">
              This profile has never joined an audience, or did so before the retention period of the ledger.
            </EmptyState>
          ) : (
            <ChangeList label="Timeline" changes={data} sentence={sentence} />
          )}
          <Paging
            cursor={cursor}
            nextCursor={nextCursor}
            onPage={(next) => void navigate({ search: (before) => ({ ...before, cursor: next }) })}
          />
        </>
      )}
    </Loaded>
  );
}

function sentence(change: MembershipChange) {
  const { action, audienceId, audienceName } = change;
  const audience =
    action === 'deleted' ? (
      <b>{audienceName}</b>
    ) : (
      <TextLink to="/audiences/$audienceId" params={{ audienceId: String(audienceId) }} fw={600}>
        {audienceName}
      </TextLink>
    );
  const whole = describeWholeAudience(change);
  if (whole !== undefined) {
    return (
      <>
        {audience} {whole}
      </>
    );
  }
  return (
    <>
      {action === 'joined' ? 'Joined' : 'Left'} {audience}
    </>
  );
}
