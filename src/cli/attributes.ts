/** `rollcall attribute …` */

import { programCommand } from '../config.ts';
import { createAttribute } from '../domain/definitions/attribute-administration.ts';
import type { Attribute } from '../domain/definitions/attributes.ts';
import { chooseApplication, listAttributes } from '../domain/definitions/lookups.ts';
import { type CommonOptions, withCore } from './context.ts';
import { printJson, printTable, when } from './output.ts';

export interface CreateAttributeOptions extends CommonOptions {
  readonly name: string;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly suggestion?: readonly string[];
  readonly restricted?: boolean;
  readonly application?: readonly string[];
}

function toJson(attribute: Attribute) {
  const { id, name, title, type, description, suggestions, restrictedBySuggestions, applicationIds, created } =
    attribute;
  return {
    id,
    name,
    title,
    type,
    description,
    suggestions,
    restrictedBySuggestions,
    applicationIds,
    created: when(created),
  };
}

export async function listAttributesCommand(options: CommonOptions): Promise<number> {
  return withCore(options, { access: 'read' }, async (core) => {
    const attributes = (await listAttributes(core)).filter(({ entity }) => entity === 'CustomerProfile');
    if (options.json) await printJson(attributes.map(toJson));
    else await printAttributes(attributes);
    return 0;
  });
}

export async function createAttributeCommand(options: CreateAttributeOptions): Promise<number> {
  return withCore(options, { access: 'write' }, async (core) => {
    const applications = await Promise.all((options.application ?? []).map((each) => chooseApplication(core, each)));
    const attribute = await createAttribute(core, {
      name: options.name,
      type: options.type,
      title: options.title,
      description: options.description,
      suggestions: options.suggestion,
      restrictedBySuggestions: options.restricted,
      applicationIds: applications.map(({ id }) => id),
    });
    if (options.json) await printJson(toJson(attribute));
    else await printAttributes([attribute]);
    return 0;
  });
}

async function printAttributes(attributes: readonly Attribute[]): Promise<void> {
  await printTable(
    ['ID', 'NAME', 'TITLE', 'TYPE', 'VALUES', 'APPLICATIONS'],
    attributes.map((each) => [
      String(each.id),
      each.name,
      each.title,
      each.type,
      `${each.suggestions.slice(0, 5).join(', ')}${each.restrictedBySuggestions ? ' (only these)' : ''}`,
      each.applicationIds.length === 0 ? 'all' : each.applicationIds.join(', '),
    ]),
    `No attributes yet. Create one: ${programCommand()} attribute create --name Tier --type string`,
  );
}
