/** The members of an audience: search, paging, and adding or removing one at a time. */

import { ActionIcon, Button, Group, TextInput } from '@mantine/core';
import { IconUserMinus, IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type SubmitEvent, useState } from 'react';
import type { AudienceDetail } from '../../../../src/http/surfaces/management/audiences-schemas.ts';
import type { CustomerProfile } from '../../../../src/http/surfaces/management/customers-schemas.ts';
import { path, request } from '../../api.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { messageOf } from '../../parts/error-state.tsx';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Paging } from '../../parts/paging.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { Time } from '../../parts/time.tsx';
import { notifyDone } from '../../query-client.ts';
import { useIsAdmin } from '../../session.ts';
import { membersQuery } from './queries.ts';

export function MembersTab({ audience }: { readonly audience: AudienceDetail }) {
  const { member, cursor } = useSearch({ from: '/shell/audiences/$audienceId' });
  const navigate = useNavigate({ from: '/audiences/$audienceId' });
  const isAdmin = useIsAdmin();
  const query = useQuery(membersQuery(audience.id, member, cursor));
  const [leaving, setLeaving] = useState<CustomerProfile>();
  const show = (change: { member?: string | undefined; cursor?: string | undefined }) =>
    void navigate({
      search: (before) => ({ ...before, cursor: undefined, ...change }),
      replace: true,
      resetScroll: false,
    });

  return (
    <>
      <FilterBar>
        <SearchField
          label="Find members"
          placeholder="Part of the integration ID"
          value={member ?? ''}
          onSearch={(text) => show({ member: text === '' ? undefined : text })}
        />
        {isAdmin ? <AddMember audience={audience} /> : null}
      </FilterBar>
      <Loaded query={query}>
        {({ data, nextCursor }) =>
          data.length === 0 ? (
            <>
              <EmptyState title={emptyTitle(member, nextCursor !== undefined)}>
                {member === undefined ? 'Add members through its platform or by an import.' : undefined}
              </EmptyState>
              {nextCursor === undefined ? null : (
                <Paging cursor={cursor} nextCursor={nextCursor} onPage={(next) => show({ cursor: next })} />
              )}
            </>
          ) : (
            <>
              <RecordsTable
                label="Members"
                columns={columns(isAdmin ? setLeaving : undefined)}
                rows={data}
                rowKey={({ id }) => id}
              />
              <Paging cursor={cursor} nextCursor={nextCursor} onPage={(next) => show({ cursor: next })} />
            </>
          )
        }
      </Loaded>
      <RemoveMember audience={audience} member={leaving} onClose={() => setLeaving(undefined)} />
    </>
  );
}

function emptyTitle(member: string | undefined, hasMore: boolean): string {
  if (member === undefined) return 'This audience has no members';
  return hasMore ? 'No matches so far; the next page continues the search' : 'No member’s ID contains that';
}

function columns(onRemove: ((member: CustomerProfile) => void) | undefined): readonly Column<CustomerProfile>[] {
  const shown: Column<CustomerProfile>[] = [
    {
      key: 'integrationId',
      header: 'Integration ID',
      primary: true,
      cell: ({ id, integrationId }) => (
        <TextLink to="/profiles/$profileId" params={{ profileId: String(id) }}>
          {integrationId}
        </TextLink>
      ),
    },
    {
      key: 'audiences',
      header: 'Audiences',
      align: 'right',
      width: 110,
      cell: ({ audienceMemberships }) => audienceMemberships.length,
    },
    { key: 'created', header: 'First seen', nowrap: true, cell: ({ created }) => <Time value={created} as="date" /> },
    {
      key: 'activity',
      header: 'Last activity',
      nowrap: true,
      cell: ({ lastActivity }) => <Time value={lastActivity} as="relative" />,
    },
  ];
  if (onRemove === undefined) return shown;
  return [
    ...shown,
    {
      key: 'actions',
      header: 'Actions',
      hideHeader: true,
      align: 'right',
      width: 48,
      cell: (member) => (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Remove ${member.integrationId}`}
          title="Remove from the audience"
          onClick={() => onRemove(member)}
        >
          <IconUserMinus size={18} stroke={1.6} aria-hidden />
        </ActionIcon>
      ),
    },
  ];
}

function memberPath(audienceId: number, integrationId: string): string {
  return path`/v1/audiences/${audienceId}/memberships/${integrationId}`;
}

function AddMember({ audience }: { readonly audience: AudienceDetail }) {
  const [id, setId] = useState('');
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: async (integrationId: string) =>
      request<undefined>(memberPath(audience.id, integrationId), { method: 'PUT' }),
    meta: { showsError: true },
    onSuccess: async (_answer, integrationId) => {
      await queries.invalidateQueries({ queryKey: ['audiences', audience.id] });
      notifyDone(`${integrationId} was added`);
      setId('');
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (id.trim() !== '' && !add.isPending) add.mutate(id);
  };
  return (
    <form onSubmit={submit} style={{ marginLeft: 'auto' }}>
      <Group gap="xs" align="flex-start" wrap="nowrap">
        <TextInput
          aria-label="Integration ID to add"
          placeholder="Integration ID"
          value={id}
          maxLength={1000}
          spellCheck={false}
          autoComplete="off"
          error={add.error === null ? undefined : messageOf(add.error)}
          onChange={(event) => setId(event.currentTarget.value)}
        />
        <Button
          type="submit"
          variant="default"
          loading={add.isPending}
          disabled={id.trim() === ''}
          leftSection={<IconUserPlus size={16} aria-hidden />}
        >
          Add
        </Button>
      </Group>
    </form>
  );
}

interface RemoveMemberProps {
  readonly audience: AudienceDetail;
  readonly member: CustomerProfile | undefined;
  readonly onClose: () => void;
}

function RemoveMember({ audience, member, onClose }: RemoveMemberProps) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: async ({ integrationId }: CustomerProfile) =>
      request<undefined>(memberPath(audience.id, integrationId), { method: 'DELETE' }),
    meta: { showsError: true },
    onSuccess: async (_answer, { integrationId }) => {
      await queries.invalidateQueries({ queryKey: ['audiences', audience.id] });
      notifyDone(`${integrationId} was removed`);
      onClose();
    },
  });
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      opened={member !== undefined}
      title="Remove this member?"
      confirmLabel="Remove member"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => (member === undefined ? undefined : remove.mutate(member))}
      onClose={close}
    >
      {`“${member?.integrationId ?? ''}” leaves “${audience.name}”. The platform that updates the audience may add them again.`}
    </ConfirmDialog>
  );
}
