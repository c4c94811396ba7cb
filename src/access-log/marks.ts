/**
 * Marks: what is remarkable about a request although its status does not show it. They travel with the request into the
 * access log, where they are shown and grouped after the causes of refusals.
 */

import { withoutSecrets } from './payload-masking.ts';

export type Mark =
  /** The client disconnected before its response. */
  | { readonly kind: 'client gone' }
  /** An update without a body: it is valid, and changes nothing. */
  | { readonly kind: 'empty body' }
  /** A write that was applied before, under the same idempotency key. */
  | { readonly kind: 'repeat' }
  /** Some rows of the request were refused, and the others applied. */
  | { readonly kind: 'refused rows' }
  /** The request names somebody who was erased, and left them alone. */
  | { readonly kind: 'erased person' }
  /** An unfilled template in place of an ID. */
  | UnfilledTemplate
  /** A name that was sent and ignored. */
  | IgnoredName;

export interface IgnoredName {
  readonly kind: 'ignored field' | 'ignored parameter';
  /** With the path to it, `data[].customerID`; empty if it cannot be a name. */
  readonly name: string;
  /** The name that was probably meant. */
  readonly suggestion?: string;
}

export interface UnfilledTemplate {
  readonly kind: 'unfilled template';
  /** The place of the ID: a parameter of the path, or a field with the path to it. */
  readonly name: string;
}

export const MARK_KINDS = [
  'client gone',
  'empty body',
  'repeat',
  'ignored field',
  'ignored parameter',
  'unfilled template',
  'refused rows',
  'erased person',
] as const satisfies Mark['kind'][];
export type MarkKind = Mark['kind'];

/** The most marks per request: more would only bury the first. */
export const MAX_MARKS = 10;

// Matches possible names of fields. Anything else may be a misplaced value, such as an e-mail address.
const FIELD_NAME = /^[A-Za-z_$][\w$-]*(?:(?:\[\])?\.[A-Za-z_$][\w$-]*)*$/;
const MAX_NAME = 100;

/** A mark for an ignored name. If it cannot be a name, or contains a secret, the mark only says that there was one. */
export function ignoredName(kind: IgnoredName['kind'], name: string, suggestion: string | undefined): IgnoredName {
  if (name.length > MAX_NAME || !FIELD_NAME.test(name) || withoutSecrets(name) !== name) return { kind, name: '' };
  return suggestion === undefined ? { kind, name } : { kind, name, suggestion };
}

// The names of "nothing" in programming languages, and the marks of template engines around a name. Nothing else,
// because an ID may contain any character.
const UNFILLED =
  /^(?:null|NULL|undefined|NaN|\[object Object\])$|\{\{[^{}]*\}\}|\$\{[^{}]*\}|\{%[^%]*%\}|<%[^%]*%>|%%[^%]+%%|\*\|[^|]+\|\*/;

/** Reports whether an ID looks like a template that was not filled in, or was filled in with nothing. */
export function looksUnfilled(id: string): boolean {
  return UNFILLED.test(id);
}

/** A mark in words, equal for all requests of one kind. */
export function markText(mark: Mark): string {
  switch (mark.kind) {
    case 'client gone':
      return 'client gone before its response';
    case 'empty body':
      return 'the body was empty, so nothing was changed';
    case 'repeat':
      return 'a repeat with the same `Idempotency-Key`: it got the first answer and was not applied again';
    case 'refused rows':
      return 'some rows were refused, and the others applied';
    case 'erased person':
      return 'it names somebody who was erased: they were left alone, and no payload is kept';
    case 'unfilled template':
      return `\`${mark.name}\` looks like an unfilled template`;
    case 'ignored field':
    case 'ignored parameter': {
      const what = mark.kind === 'ignored field' ? 'ignored' : 'ignored query parameter';
      if (mark.name === '')
        return `${what}: a name that no ${mark.kind === 'ignored field' ? 'field' : 'parameter'} has`;
      return `${what}: \`${mark.name}\`${suggestionText(mark.suggestion)}`;
    }
  }
}

/** The end of a sentence about an unknown name. */
export function suggestionText(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : `; did you mean \`${suggestion}\`?`;
}
