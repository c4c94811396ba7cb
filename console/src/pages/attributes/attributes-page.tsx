/** The list of attributes, with one drawer that creates an attribute and another that shows and changes one. */

import { Badge, Button, Select, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Attribute } from '../../../../src/http/surfaces/management/attributes-schemas.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { countOf } from '../../parts/numbers.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { oneOf } from '../../parts/search-params.ts';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { Time } from '../../parts/time.tsx';
import { useIsAdmin } from '../../session.ts';
import { AttributeDrawer } from './attribute-drawer.tsx';
import { NewAttributeForm } from './new-attribute-form.tsx';
import { attributesQuery } from './queries.ts';
import { type AttributesSearch, SORTS } from './search.ts';
import { ENTITIES, ENTITY_OPTIONS, entityLabel, TYPE_OPTIONS, TYPES, typeLabel } from './words.ts';

const COLUMNS: readonly Column<Attribute>[] = [
  {
    key: 'name',
    header: 'Name',
    primary: true,
    nowrap: true,
    cell: ({ id, name, title }) => (
      <>
        <TextLink
          from="/attributes"
          to="/attributes"
          size="sm"
          search={(before) => ({ ...before, edit: id, create: undefined, name: undefined })}
        >
          {name}
        </TextLink>
        {title === name ? null : (
          <Text size="xs" c="dimmed">
            {title}
          </Text>
        )}
      </>
    ),
  },
  { key: 'entity', header: 'Belongs to', nowrap: true, cell: ({ entity }) => entityLabel(entity) },
  { key: 'type', header: 'Type', nowrap: true, cell: ({ type }) => typeLabel(type) },
  { key: 'values', header: 'Values', cell: (attribute) => <Values attribute={attribute} /> },
  {
    key: 'description',
    header: 'Description',
    cell: ({ description }) =>
      description === '' ? (
        <Text size="sm" c="dimmed" span>
          –
        </Text>
      ) : (
        <Text size="sm" lineClamp={2}>
          {description}
        </Text>
      ),
  },
  { key: 'created', header: 'Created', nowrap: true, cell: ({ created }) => <Time value={created} as="date" /> },
];

const SORT_OPTIONS = [
  { value: 'name', label: 'By name' },
  { value: '-created', label: 'Newest first' },
  { value: 'type', label: 'By type' },
];

export function AttributesPage() {
  const search = useSearch({ from: '/shell/attributes' });
  const navigate = useNavigate({ from: '/attributes' });
  const isAdmin = useIsAdmin();
  const query = useQuery(attributesQuery(search));
  const filtered = search.q !== undefined || search.entity !== undefined || search.type !== undefined;

  const change = (changed: AttributesSearch, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...changed }), replace });
  const closeDrawer = () => change({ create: undefined, name: undefined, edit: undefined });
  const createButton = isAdmin ? (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => change({ create: 1 })}>
      Create attribute
    </Button>
  ) : undefined;

  return (
    <>
      <PageHeader
        title="Attributes"
        description="What a platform may send about a customer. Values of attributes that are not defined here are refused, or skipped if the request asks for that."
        actions={createButton}
      />
      <Panel flush>
        <FilterBar>
          <SearchField
            label="Search attributes"
            placeholder="Name, description or type"
            value={search.q ?? ''}
            onSearch={(text) => change({ q: text === '' ? undefined : text }, true)}
          />
          <Select
            aria-label="Belongs to"
            placeholder="All entities"
            data={ENTITY_OPTIONS}
            value={search.entity ?? null}
            onChange={(value) => change({ entity: oneOf(value, ENTITIES) })}
            clearable
            clearButtonProps={{ 'aria-label': 'All entities' }}
            w={{ base: '100%', sm: 180 }}
          />
          <Select
            aria-label="Type"
            placeholder="All types"
            data={TYPE_OPTIONS}
            value={search.type ?? null}
            onChange={(value) => change({ type: oneOf(value, TYPES) })}
            clearable
            clearButtonProps={{ 'aria-label': 'All types' }}
            w={{ base: '100%', sm: 200 }}
          />
          <Select
            aria-label="Order"
            data={SORT_OPTIONS}
            value={search.sort ?? 'name'}
            onChange={(value) => change({ sort: value === 'name' ? undefined : oneOf(value, SORTS) })}
            allowDeselect={false}
            w={{ base: '100%', sm: 150 }}
          />
        </FilterBar>
        <Loaded query={query}>
          {({ data, totalResultSize }) =>
            data.length === 0 ? (
              <NothingFound filtered={filtered} createButton={createButton} />
            ) : (
              <>
                <RecordsTable label="Attributes" columns={COLUMNS} rows={data} rowKey={({ id }) => id} />
                <Text size="xs" c="dimmed" p="sm" ta="right" role="status">
                  {totalResultSize > data.length
                    ? `The first ${data.length} of ${countOf(totalResultSize, 'attribute')}: search to see the rest`
                    : countOf(totalResultSize, 'attribute')}
                </Text>
              </>
            )
          }
        </Loaded>
      </Panel>
      {isAdmin ? (
        <SideDrawer opened={search.create === 1} onClose={closeDrawer} title="Create attribute">
          <NewAttributeForm name={search.name ?? ''} onClose={closeDrawer} />
        </SideDrawer>
      ) : null}
      <AttributeDrawer attributeId={search.create === 1 ? undefined : search.edit} onClose={closeDrawer} />
    </>
  );
}

function NothingFound({ filtered, createButton }: { filtered: boolean; createButton: ReactNode }) {
  return filtered ? (
    <EmptyState title="No attribute matches">Change the search or the filters above.</EmptyState>
  ) : (
    <EmptyState title="No attributes are defined yet" action={createButton}>
      Define the attributes your platform sends; until then its requests are refused with “attribute is not defined”.
    </EmptyState>
  );
}

function Values({ attribute }: { readonly attribute: Attribute }) {
  const { suggestions, restrictedBySuggestions, hasAllowedList } = attribute;
  if (hasAllowedList) return <>{restrictedBySuggestions ? 'Only values of an imported list' : 'Imported list'}</>;
  if (suggestions.length === 0) return <>Any</>;
  return (
    <>
      <Text size="sm" lineClamp={2}>
        {suggestions.slice(0, 6).join(', ')}
        {suggestions.length > 6 ? ` and ${suggestions.length - 6} more` : ''}
      </Text>
      {restrictedBySuggestions ? (
        <Badge variant="light" color="gray" size="xs" radius="sm" tt="none">
          only these
        </Badge>
      ) : null}
    </>
  );
}
