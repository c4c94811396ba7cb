/** The way to what would make refused requests succeed; for admins, until somebody has gone it. */

import { useQuery } from '@tanstack/react-query';
import type { Mend } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { StateBadge } from '../../parts/badges.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { useIsAdmin } from '../../session.ts';
import { attributeNamesQuery } from './queries.ts';

export function MendLink({ mend: { name } }: { readonly mend: Mend }) {
  const isAdmin = useIsAdmin();
  const defined = useQuery(attributeNamesQuery).data;
  if (defined?.has(name) === true) return <StateBadge color="green" label="Defined since" />;
  if (!isAdmin) return null;
  return (
    <ButtonLink to="/attributes" search={{ create: 1, name }} size="xs">
      Create attribute {name}
    </ButtonLink>
  );
}
