/** The drawer that creates an API key: first its purpose, then the key itself, which is shown only once. */

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CreatedApiKey } from '../../../../src/http/surfaces/management/api-keys-schemas.ts';
import type { Application } from '../../../../src/http/surfaces/management/applications-schemas.ts';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { ApiKeyForm } from './api-key-form.tsx';
import { CreatedKey } from './created-key.tsx';
import { apiKeysQuery } from './queries.ts';

export interface ApiKeyDrawerProps {
  readonly application: Application;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function ApiKeyDrawer({ application, opened, onClose }: ApiKeyDrawerProps) {
  return (
    <SideDrawer opened={opened} onClose={onClose} title="Create API Key">
      <DrawerContent application={application} onClose={onClose} />
    </SideDrawer>
  );
}

// Closing the drawer discards its state, including the key.
function DrawerContent({ application, onClose }: Omit<ApiKeyDrawerProps, 'opened'>) {
  const queries = useQueryClient();
  const [created, setCreated] = useState<CreatedApiKey>();
  if (created !== undefined) return <CreatedKey created={created} onDone={onClose} />;
  return (
    <ApiKeyForm
      application={application}
      onCreated={(key) => {
        setCreated(key);
        void queries.invalidateQueries({ queryKey: apiKeysQuery(application.id).queryKey });
      }}
    />
  );
}
