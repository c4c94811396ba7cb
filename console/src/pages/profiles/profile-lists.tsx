/** The attributes of a profile and the audiences it belongs to, as lists. */

import type { CustomerProfile } from '../../../../src/http/surfaces/management/customers-schemas.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { TextLink } from '../../parts/links.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { AttributeValueText } from './attribute-value.tsx';

type Value = readonly [name: string, value: unknown];
type Membership = CustomerProfile['audienceMemberships'][number];

const ATTRIBUTE_COLUMNS: readonly Column<Value>[] = [
  { key: 'name', header: 'Attribute', primary: true, width: '30%', cell: ([name]) => name },
  { key: 'value', header: 'Value', cell: ([, value]) => <AttributeValueText value={value} /> },
];

const AUDIENCE_COLUMNS: readonly Column<Membership>[] = [
  {
    key: 'name',
    header: 'Audience',
    primary: true,
    cell: ({ id, name }) => (
      <TextLink to="/audiences/$audienceId" params={{ audienceId: String(id) }} size="sm">
        {name}
      </TextLink>
    ),
  },
  { key: 'id', header: 'Number', align: 'right', width: 120, cell: ({ id }) => id },
];

export function ProfileAttributes({ attributes }: { readonly attributes: CustomerProfile['attributes'] }) {
  const rows = Object.entries(attributes).sort(([a], [b]) => a.localeCompare(b));
  return rows.length === 0 ? (
    <EmptyState title="No attributes set">Platforms set them by updating the profile.</EmptyState>
  ) : (
    <RecordsTable label="Attributes" columns={ATTRIBUTE_COLUMNS} rows={rows} rowKey={([name]) => name} />
  );
}

export function ProfileAudiences({ memberships }: { readonly memberships: readonly Membership[] }) {
  return memberships.length === 0 ? (
    <EmptyState title="Not in any audience">
      Platforms add profiles to audiences; you can do so on an audience's page.
    </EmptyState>
  ) : (
    <RecordsTable label="Audiences" columns={AUDIENCE_COLUMNS} rows={memberships} rowKey={({ id }) => id} />
  );
}
