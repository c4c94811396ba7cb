/** For admins, a link to the remedy for refused requests; once the remedy is in place, says whether it works. */

import { Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Mend } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { StateBadge } from '../../parts/badges.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { useIsAdmin } from '../../session.ts';
import { attributeNamesQuery, refusedValuesQuery } from './queries.ts';

export function FixLink({ mend: { name } }: { readonly mend: Mend }) {
  const isAdmin = useIsAdmin();
  const defined = useQuery(attributeNamesQuery).data;
  if (defined?.has(name) === true) return isAdmin ? <Defined name={name} /> : <IsDefined />;
  if (!isAdmin) return null;
  return (
    <ButtonLink to="/attributes" search={{ create: 1, name }} size="xs">
      Create attribute {name}
    </ButtonLink>
  );
}

function IsDefined() {
  return <StateBadge color="green" label="Now defined" />;
}

/** An attribute whose type does not fit the refused values does not help. */
function Defined({ name }: { readonly name: string }) {
  const values = useQuery(refusedValuesQuery(name, false)).data;
  if (values?.fitsDefinition !== false) return <IsDefined />;
  return (
    <Group gap={6} wrap="nowrap">
      <StateBadge color="amber" label="Now defined, but the refused values do not fit its type" />
      <TextLink to="/attributes" search={{ q: name }} size="sm">
        Look at it
      </TextLink>
    </Group>
  );
}
