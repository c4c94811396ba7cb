/** Example bodies: generated from a schema, out of what its parts say about themselves. */

/** The JSON Schema keywords in our schemas that describe what a value looks like. */
interface Shape {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly format?: string;
  readonly default?: unknown;
  readonly minimum?: number;
}

const TIME = '2026-05-11T09:58:21.300Z';
const UUID = '0d5a3b52-6a0e-4d8e-9a55-0c5b1f6f1a00';

/** Examples for fields of these names when their schema has none. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  attributes: { Tier: 'gold' },
  audienceName: 'Gold members',
  closedSessions: 0,
  customerId: 1,
  description: '',
  integration: 'Customer Data Platform',
  integrationId: 'gold-members',
  keyName: 'My CDP',
  keyPrefix: 'rck_',
  name: 'Gold members',
  subscribedApplicationsIds: [],
  title: 'Tier',
  totalSales: 0,
  userEmail: 'ada@example.com',
};

/**
 * A value that fits a schema: its own example if it has one, else one built from those of its parts; the first of
 * several alternatives. Optional fields are included, because readers look for them.
 */
export function exampleOf(schema: object): unknown {
  const shape = schema as Shape;
  if (shape.examples !== undefined && shape.examples.length > 0) return shape.examples[0];
  if ('const' in shape) return shape.const;
  if (shape.enum !== undefined) return shape.enum[0];
  if (shape.anyOf !== undefined) return exampleOf(shape.anyOf[0] ?? {});
  if (shape.default !== undefined) return shape.default;
  switch (shape.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(shape.properties ?? {}).map(([name, part]) => [
          name,
          part.examples === undefined && Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : exampleOf(part),
        ]),
      );
    case 'array':
      return shape.items === undefined ? [] : [exampleOf(shape.items)];
    case 'integer':
    case 'number':
      return shape.minimum ?? 1;
    case 'boolean':
      return false;
    case 'string':
      if (shape.format === 'date-time') return TIME;
      return shape.format === 'uuid' ? UUID : 'text';
    case undefined:
    default:
      return null;
  }
}
