/** The body of a request or of an answer, laid out for reading; or why there is none to show. */

import { Alert, Text, Textarea } from '@mantine/core';
import type { AccessLogDetail } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { CopyButton } from '../../parts/copy-field.tsx';
import { Panel } from '../../parts/panel.tsx';
import classes from './activity.module.css';
import { layOutJson } from './json-text.ts';

type PayloadState = AccessLogDetail['payloadState'];

/** Why a body that was sent and read is not here. */
const ABSENT: Readonly<Record<PayloadState, string>> = {
  full: 'It is no longer kept: the log needed the room.',
  masked: 'It is no longer kept: the log needed the room.',
  off: 'The Application does not log payloads. Its settings say whether it does.',
  dropped: 'The server was under load: this request was logged without its payloads.',
  erased: 'Removed together with the personal data of a profile.',
  hidden: 'Payloads are shown to admins only.',
};

export interface PayloadProps {
  readonly title: string;
  readonly text: string;
  readonly bytes: number;
  readonly cut: boolean;
  readonly state: PayloadState;
}

export function Payload({ title, text, bytes, cut, state }: PayloadProps) {
  return (
    <Panel
      title={title}
      description={bytes > 0 ? size(bytes) : cut ? 'Unknown size' : 'No body'}
      actions={text === '' ? null : <CopyButton value={text} label={`Copy ${title.toLowerCase()}`} quiet />}
    >
      {text === '' ? (
        <Text size="sm" c="dimmed">
          {whyAbsent({ bytes, cut, state })}
        </Text>
      ) : (
        <>
          {state === 'masked' ? (
            <Notice>The Application logs payloads masked: values are replaced by their types.</Notice>
          ) : null}
          {cut ? <Notice>Only the beginning is kept.</Notice> : null}
          {/* A field rather than text: it scrolls by keyboard, and all of it is selected in one go. */}
          <Textarea
            aria-label={`${title}: body`}
            value={layOutJson(text)}
            readOnly
            autosize
            minRows={4}
            maxRows={26}
            spellCheck={false}
            variant="filled"
            classNames={{ input: `mono ${classes['payload']}` }}
          />
        </>
      )}
    </Panel>
  );
}

function whyAbsent({ bytes, cut, state }: Pick<PayloadProps, 'bytes' | 'cut' | 'state'>): string {
  if (cut)
    return 'It was not read to its end, so nothing of it is kept: the request was answered, or given up, before.';
  return bytes === 0 ? 'None was sent.' : ABSENT[state];
}

function Notice({ children }: { readonly children: string }) {
  return (
    <Alert color="gray" p="xs" mb="xs" role="note">
      <Text size="sm">{children}</Text>
    </Alert>
  );
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
