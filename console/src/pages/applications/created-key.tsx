/** A key that was just created, with what it takes to use it: base URL, header, and a call to try it. */

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
    <ShownOnce title={`“${created.title}” was created`} label="API key" secret={created.key} onDone={onDone}>
      {(onCopied) => (
        <>
          <CopyField
            label="Authorization header"
            description="Some platforms ask for the whole header."
            value={header}
            quiet
            copyLabel="Copy the whole header"
            onCopied={onCopied}
          />
          <CopyField label="Base URL" value={server.url} quiet copyLabel="Copy the URL" />
          <CopyField
            label="Try it with curl"
            description="It changes nothing; “204 No Content” means that the key works."
            value={curl}
            multiline
            quiet
            copyLabel="Copy the command"
            onCopied={onCopied}
          />
        </>
      )}
    </ShownOnce>
  );
}
