/** What a body looks like: an example made from its schema, out of what its parts say of themselves. */

/** The keywords of JSON Schema that our schemas use, as far as they tell what a value looks like. */
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

/** What fields of these names look like where their schema does not say. */
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
 * A value that fits a schema: its own example where it has one, else one made of those of its parts; of alternatives the first.
 * Optional fields are shown too: they are what somebody looks for.
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
