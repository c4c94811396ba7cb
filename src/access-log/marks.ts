/**
 * Marks: what is remarkable about a request that its status does not tell. They travel with it into the access log, where they are
 * shown and grouped beside the causes of refusals.
 */

import { withoutSecrets } from './payload-masking.ts';

export type Mark =
  /** The client left before it had its answer. */
  | { readonly kind: 'client gone' }
  /** An update without a body: it is valid, and changes nothing. */
  | { readonly kind: 'empty body' }
  /** Something nobody asked for was sent, and had no effect. */
  | IgnoredName;

export interface IgnoredName {
  readonly kind: 'ignored field' | 'ignored parameter';
  /** With the path to it, `data[].customerID`; empty for a name that is none. */
  readonly name: string;
  /** What was probably meant. */
  readonly suggestion?: string;
}

export const MARK_KINDS = [
  'client gone',
  'empty body',
  'ignored field',
  'ignored parameter',
] as const satisfies Mark['kind'][];
export type MarkKind = Mark['kind'];

/** Marks of one request: the rest would only bury the first. */
export const MAX_MARKS = 10;

// What can be the name of a field. Anything else may be a value that went astray, an e-mail address too.
const FIELD_NAME = /^[A-Za-z_$][\w$-]*(?:(?:\[\])?\.[A-Za-z_$][\w$-]*)*$/;
const MAX_NAME = 100;

/** A mark for a name that was ignored; of what can be no name, or holds a secret, only that there was one. */
export function ignoredName(kind: IgnoredName['kind'], name: string, suggestion: string | undefined): IgnoredName {
  if (name.length > MAX_NAME || !FIELD_NAME.test(name) || withoutSecrets(name) !== name) return { kind, name: '' };
  return suggestion === undefined ? { kind, name } : { kind, name, suggestion };
}

/** A mark in words; equal for all requests of one kind. */
export function markText(mark: Mark): string {
  switch (mark.kind) {
    case 'client gone':
      return 'client gone before its answer';
    case 'empty body':
      return 'the body was empty, so nothing was changed';
    case 'ignored field':
    case 'ignored parameter': {
      const what = mark.kind === 'ignored field' ? 'ignored' : 'ignored query parameter';
      if (mark.name === '')
        return `${what}: a name that no ${mark.kind === 'ignored field' ? 'field' : 'parameter'} has`;
      return `${what}: \`${mark.name}\`${suggestionText(mark.suggestion)}`;
    }
  }
}

/** The end of a sentence about a name that is not known. */
export function suggestionText(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : `; did you mean \`${suggestion}\`?`;
}
