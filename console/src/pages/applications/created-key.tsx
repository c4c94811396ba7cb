/** A key that was just made, with what one needs for using it: base URL, header line, a call that tries it. */

import type { CreatedApiKey } from '../../../../src/http/surfaces/management/api-keys-schemas.ts';
import { CopyField } from '../../parts/copy-field.tsx';
import { ShownOnce } from '../../parts/shown-once.tsx';
import { useSession } from '../../session.ts';

export interface CreatedKeyProps {
  readonly created: CreatedApiKey;
  readonly onDone: () => void;
}

export function CreatedKey({ created, onDone }: CreatedKeyProps) {
  const { server } = useSession();
  const header = `Authorization: ApiKey-v1 ${created.key}`;
  const curl = `curl -i '${server.url}/v2/authping' \\\n  -H '${header}'`;
  return (
    <ShownOnce title={`“${created.title}” is created`} label="API key" secret={created.key} onDone={onDone}>
      {(onCopied) => (
        <>
          <CopyField
            label="Authorization line"
            description="Some platforms want the whole header."
            value={header}
            quiet
            copyLabel="To the clipboard: the whole header"
            onCopied={onCopied}
          />
          <CopyField label="Base URL" value={server.url} quiet copyLabel="To the clipboard: the address" />
          <CopyField
            label="Try it with curl"
            description="It changes nothing; “204 No Content” says that the key works."
            value={curl}
            multiline
            quiet
            copyLabel="To the clipboard: the command"
            onCopied={onCopied}
          />
        </>
      )}
    </ShownOnce>
  );
}
