/** Definitions as the audit log shows them. */

import type { AuditState } from '../audit-record.ts';
import { auditTime } from '../audit-record.ts';
import type { Application } from './applications.ts';
import type { Attribute } from './attributes.ts';
import type { Audience } from './audiences.ts';

export function applicationState(application: Application): AuditState {
  const { id, name, environment, timezone, currency, description, payloadLogging, staging } = application;
  return { id, name, environment, timezone, currency, description, payloadLogging, staging };
}

export function attributeState(attribute: Attribute): AuditState {
  const { created, allowedList, details, ...state } = attribute;
  return { ...state, ...details, allowedList: allowedList ?? null, created: auditTime(created) };
}

export function audienceState(audience: Audience): AuditState {
  const { id, name, description, environment, applicationIds } = audience;
  const [integration, integrationId] = [audience.integration ?? null, audience.integrationId ?? null];
  return { id, name, description, environment, integration, integrationId, applicationIds };
}
