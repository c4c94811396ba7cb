/**
 * What must hold before a write is applied: attribute values fit their definitions, audiences exist, external IDs are
 * free. The same functions are called twice: early, to refuse a bad request without the writer, and again inside the
 * transaction, against the state then.
 */

import type { Catalog } from '../definitions/catalog.ts';
import {
  checkAttributes,
  checkAudienceAttributes,
  checkEach,
  type StoredAttributes,
  type ValueRules,
} from './attribute-checks.ts';
import {
  requireApplications,
  requireAudience,
  requireFreeIntegrationId,
  requireMemberships,
  requireNamedAudiences,
  resolveAudiences,
} from './audience-checks.ts';
import { rowsOf, type WriteCommand } from './commands.ts';

/**
 * Runs the checks of any write against the current catalog, in the published order.
 * @param storedOf returns the attributes of a profile, if they were looked up
 * @throws DomainError
 */
export function checkCommand(
  catalog: Catalog,
  command: WriteCommand,
  rules: ValueRules,
  storedOf: (integrationId: string) => StoredAttributes | undefined = () => undefined,
): void {
  // Rows are judged one by one, each against the result of the previous ones, which only the transaction can do.
  if (rowsOf(command) !== undefined) return;
  switch (command.kind) {
    case 'updateProfile':
      checkAttributes(catalog, command, rules, storedOf(command.integrationId));
      requireNamedAudiences(catalog, command);
      return;
    case 'updateProfiles':
      checkEach(command.items, ({ integrationId, ...item }) => {
        const { caller, skipUndefinedAttributes } = command;
        checkAttributes(catalog, { ...item, caller, skipUndefinedAttributes }, rules, storedOf(integrationId));
      });
      if (command.memberships !== undefined) requireMemberships(catalog, command.caller, command.memberships);
      return;
    case 'updateMemberships':
      resolveAudiences(catalog, command.caller, command.integration, command.items);
      return;
    case 'eraseProfile':
      // Only the transaction knows whether the profile exists.
      return;
    case 'createAudience':
      requireFreeIntegrationId(catalog, command);
      requireApplications(catalog, command.caller, command.details?.applicationIds);
      return;
    case 'updateAudience':
      requireAudience(catalog, command);
      requireApplications(catalog, command.caller, command.change.applicationIds);
      return;
    case 'setAudienceAttributes':
      requireAudience(catalog, command);
      checkAudienceAttributes(catalog, command, rules);
      return;
    case 'emptyAudience':
    case 'deleteAudience':
      requireAudience(catalog, command);
      return;
  }
}
