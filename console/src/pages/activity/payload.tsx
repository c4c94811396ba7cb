/** The body of a request or response, formatted for reading, or the reason there is none to show. */

import { Alert, Text, Textarea } from '@mantine/core';
import type { AccessLogDetail } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { CopyButton } from '../../parts/copy-field.tsx';
import { Panel } from '../../parts/panel.tsx';
import classes from './activity.module.css';
import { formatJson } from './json-text.ts';

type PayloadState = AccessLogDetail['payloadState'];

/** Why a body that was sent and read is not here. */
const ABSENT: Readonly<Record<PayloadState, string>> = {
  full: 'It is no longer kept: the log needed the room.',
  masked: 'It is no longer kept: the log needed the room.',
  off: 'The Application does not log payloads. Its settings say whether it does.',
  dropped: 'The server was under load and logged this request without its payloads.',
  erased: 'Removed when the personal data of a profile was erased.',
  hidden: 'Only admins can see payloads.',
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
            <Notice>This Application masks logged payloads: values are replaced by their types.</Notice>
          ) : null}
          {cut ? <Notice>Only the beginning was kept.</Notice> : null}
          {/* A field rather than text, so that it scrolls by keyboard and can be selected in one go. */}
          <Textarea
            aria-label={`${title}: body`}
            value={formatJson(text)}
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
  if (cut) return 'The request was answered or abandoned before its body had been read, so none of it was kept.';
  return bytes === 0 ? 'No body was sent.' : ABSENT[state];
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
