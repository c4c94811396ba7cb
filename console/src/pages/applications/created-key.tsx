/** A key that was just created, with what it takes to use it: the credential as its platform takes it, base URL, and a call to try it. */

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
          <CopyField {...credentialOf(created, header)} quiet onCopied={onCopied} />
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

interface Credential {
  readonly label: string;
  readonly description: string;
  readonly value: string;
  readonly copyLabel: string;
}

/** The key in the form and place in which the key's platform sends it. */
function credentialOf({ key, platform }: CreatedApiKey, header: string): Credential {
  if (platform === 'emarsys') {
    return {
      label: 'User name',
      description: 'Emarsys uses basic authentication: this user name, and an empty password.',
      value: `ApiKey-v1 ${key}`,
      copyLabel: 'Copy the user name',
    };
  }
  if (platform === 'mparticle') {
    return {
      label: 'Setting in the body',
      description: 'mParticle sends the key in account.account_settings; its form asks for the bare key above.',
      value: `"apiKey": "${key}"`,
      copyLabel: 'Copy the setting',
    };
  }
  return {
    label: 'Authorization header',
    description: 'Some platforms ask for the whole header.',
    value: header,
    copyLabel: 'Copy the whole header',
  };
}
