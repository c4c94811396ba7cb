/** Replaces all members with those of a list: upload, preview, commit. */

import { Alert, Button, Checkbox, Group, List, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AudienceDetail } from '../../../../src/http/surfaces/management/audiences-schemas.ts';
import type {
  ImportColumns,
  ImportPreview,
  PreviewedImport,
} from '../../../../src/http/surfaces/management/memberships-schemas.ts';
import { path, request } from '../../api.ts';
import { FigureTile } from '../../parts/figure-tile.tsx';
import { FormError } from '../../parts/form-error.tsx';
import { countOf, formatCount } from '../../parts/numbers.ts';
import { Time } from '../../parts/time.tsx';
import { UploadField, uploadForm } from '../../parts/upload-field.tsx';
import { ColumnChoice } from './import-columns.tsx';
import { ImportWarnings } from './import-warnings.tsx';

export function ImportTab({ audience }: { readonly audience: AudienceDetail }) {
  const [uploaded, setUploaded] = useState<ImportPreview | ImportColumns>();
  const [done, setDone] = useState<PreviewedImport>();
  return (
    <Stack p="md" gap="md" maw={860}>
      {done === undefined ? null : <Outcome done={done} />}
      {uploaded === undefined ? (
        <Upload
          audience={audience}
          onUploaded={(next) => {
            setDone(undefined);
            setUploaded(next);
          }}
        />
      ) : 'columns' in uploaded ? (
        <ColumnChoice list={uploaded} onPreview={setUploaded} onGivenUp={() => setUploaded(undefined)} />
      ) : (
        <Preview
          key={uploaded.id}
          audience={audience}
          preview={uploaded}
          onDone={(result) => {
            setDone(result);
            setUploaded(undefined);
          }}
        />
      )}
    </Stack>
  );
}

function Outcome({ done }: { readonly done: PreviewedImport }) {
  return (
    <Alert color="green" role="status" title="The members were replaced">
      {`${countOf(done.amount, 'member')}: ${formatCount(done.joins)} joined, ${formatCount(done.leaves)} left.`}
      {done.refused === 0 ? '' : ` Skipped: ${countOf(done.refused, 'line')}.`}
      {done.changedSincePreview ? ' Members changed after the preview, so the figures differ from it.' : ''}
    </Alert>
  );
}

interface UploadProps {
  readonly audience: AudienceDetail;
  readonly onUploaded: (uploaded: ImportPreview | ImportColumns) => void;
}

function Upload({ audience, onUploaded }: UploadProps) {
  const [file, setFile] = useState<File | null>(null);
  const upload = useMutation({
    mutationFn: async (chosen: File) => {
      const resource = path`/v1/audiences/${audience.id}/memberships/import_previews`;
      return request<ImportPreview | ImportColumns>(resource, { method: 'POST', body: uploadForm(chosen) });
    },
    meta: { showsError: true },
    onSuccess: onUploaded,
  });
  return (
    <>
      <UploadField
        label="CSV file"
        description="One customer per line, under the header profileintegrationid. If the file has several columns, you choose one. The file replaces all members; you see a preview before anything changes."
        value={file}
        onChange={(next) => {
          upload.reset();
          setFile(next);
        }}
      />
      <FormError error={upload.error} />
      <Group>
        <Button
          disabled={file === null}
          loading={upload.isPending}
          onClick={() => (file === null ? undefined : upload.mutate(file))}
        >
          Preview
        </Button>
        {upload.isPending ? (
          <Text size="sm" c="dimmed" role="status">
            Reading the file and comparing it with the members…
          </Text>
        ) : null}
      </Group>
    </>
  );
}

interface PreviewProps {
  readonly audience: AudienceDetail;
  readonly preview: ImportPreview;
  /** Undefined when it was cancelled. */
  readonly onDone: (done: PreviewedImport | undefined) => void;
}

function Preview({ audience, preview, onDone }: PreviewProps) {
  const [name, setName] = useState('');
  const [skipRefused, setSkipRefused] = useState(false);
  const [acceptWarnings, setAcceptWarnings] = useState(false);
  const queries = useQueryClient();
  const resource = path`/v1/audiences/${audience.id}/memberships/import_previews/${preview.id}`;
  const commit = useMutation({
    mutationFn: async () => {
      const body = { skipRefused, acceptWarnings, ...(preview.needsName ? { confirmName: name } : {}) };
      return request<PreviewedImport>(`${resource}/commit`, { method: 'POST', body });
    },
    meta: { showsError: true },
    onSuccess: async (done) => {
      await queries.invalidateQueries({ queryKey: ['audiences', audience.id] });
      onDone(done);
    },
  });
  const giveUp = useMutation({
    mutationFn: async () => request<undefined>(resource, { method: 'DELETE' }),
    onSettled: () => onDone(undefined),
  });
  const hasRefused = preview.refused.count > 0;
  const hasWarnings = preview.warnings.length > 0;
  const isNamed = !preview.needsName || name === audience.name;
  const ready = isNamed && (!hasRefused || skipRefused) && (!hasWarnings || acceptWarnings);
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        <FigureTile label="Members afterwards" value={formatCount(preview.members)} />
        <FigureTile
          label="Join"
          value={formatCount(preview.joins)}
          note={`${formatCount(preview.newProfiles)} of them new profiles`}
        />
        <FigureTile label="Leave" value={formatCount(preview.leaves)} />
        <FigureTile
          label="Refused lines"
          value={formatCount(preview.refused.count)}
          note={`of ${formatCount(preview.lines)}`}
        />
      </SimpleGrid>
      {hasRefused ? <RefusedLines refused={preview.refused} /> : null}
      {hasRefused ? (
        <Checkbox
          label="Import without the refused lines"
          checked={skipRefused}
          onChange={(event) => setSkipRefused(event.currentTarget.checked)}
        />
      ) : null}
      <ImportWarnings warnings={preview.warnings} accepted={acceptWarnings} onAccept={setAcceptWarnings} />
      {preview.needsName ? (
        <Alert
          color="amber"
          icon={<IconAlertTriangle size={20} aria-hidden />}
          title={preview.members === 0 ? 'No members would be left' : 'More than a fifth would leave'}
        >
          <Text size="sm" mb="xs">
            {`${formatCount(preview.leaves)} of ${formatCount(audience.membersCount)} members would leave “${audience.name}”.`}
          </Text>
          <TextInput
            label={`Type “${audience.name}” to confirm`}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            maw={420}
          />
        </Alert>
      ) : null}
      <FormError error={commit.error} />
      <Group gap="xs">
        <Button disabled={!ready} loading={commit.isPending} onClick={() => commit.mutate()}>
          Replace members
        </Button>
        <Button
          variant="default"
          disabled={commit.isPending}
          loading={giveUp.isPending}
          onClick={() => giveUp.mutate()}
        >
          Cancel
        </Button>
        <Text size="xs" c="dimmed">
          This preview is kept until <Time value={preview.expires} />.
        </Text>
      </Group>
    </>
  );
}

function RefusedLines({ refused }: { readonly refused: ImportPreview['refused'] }) {
  const more = refused.count - refused.lines.length;
  return (
    <Alert color="red" title="Lines that cannot be imported" icon={<IconAlertTriangle size={20} aria-hidden />}>
      <List size="sm" spacing={2} mah={200} style={{ overflowY: 'auto' }} tabIndex={0} aria-label="Refused lines">
        {refused.lines.map(({ line, message }) => (
          <List.Item key={line}>{`Line ${line}: ${message}`}</List.Item>
        ))}
        {more > 0 ? <List.Item>{`and ${formatCount(more)} more`}</List.Item> : null}
      </List>
    </Alert>
  );
}
