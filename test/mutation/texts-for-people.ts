/** Tells Stryker not to mutate messages: tests check what a message must say, not each of its words. */

/** The part of a syntax tree that is read, with Babel's names. */
interface Node {
  readonly type: string;
  readonly value?: unknown;
  readonly quasis?: readonly { readonly value: { readonly raw: string } }[];
  readonly expressions?: readonly Node[];
  readonly object?: Node;
}

/** A sentence contains a blank between two words; names, keys and formats do not. */
const SENTENCE = /[\p{L}\d'`),:;]\s+[\p{L}\d'`(]/u;

/** The Stryker plugin (`Ignore`) that the configuration names. */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'texts-for-people',
    value: {
      shouldIgnore: ({ node }: { readonly node: Node }): string | undefined => {
        const text = textOf(node);
        return text !== undefined && SENTENCE.test(text) ? 'a text for people' : undefined;
      },
    },
  },
];

/**
 * The text of a literal; undefined for any other node, and for a template that contains a decision, which must be
 * tested.
 */
function textOf({ type, value, quasis = [], expressions = [] }: Node): string | undefined {
  if (type === 'StringLiteral') return String(value);
  if (type !== 'TemplateLiteral' || !expressions.every(isName)) return undefined;
  return quasis.map((each) => each.value.raw).join('x');
}

function isName({ type, object }: Node): boolean {
  return type === 'Identifier' || (type === 'MemberExpression' && object !== undefined && isName(object));
}
