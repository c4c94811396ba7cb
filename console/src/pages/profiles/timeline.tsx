/** The history of a profile's memberships, newest first; each entry leads to the request that made it. */

import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { MembershipChange } from '../../../../src/http/surfaces/management/memberships-schemas.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Paging } from '../../parts/paging.tsx';
import { ChangeList, wholeAudienceWords } from './change-list.tsx';
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
            <EmptyState title="No change is recorded">
              It never joined an audience, or that is longer ago than the ledger is kept.
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
  const whole = wholeAudienceWords(change);
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
