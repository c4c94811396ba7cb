/** Kinds of query parameters that several operations share: their schemas, and the meaning of their texts. */

import {
  type StaticDecode,
  type TCodec,
  type TEnum,
  type TOptional,
  type TSchema,
  type TSchemaOptions,
  type TString,
  Type,
} from 'typebox';
import { parseQueryTime, QUERY_TIME_FORM } from './query-time.ts';

/** Thrown by a parse step for a text that does not match the parameter's `x-expected`. */
export class Misfit extends Error {}

/** An optional parameter with a default: its value is never undefined. */
export type Defaulted<Parameter extends TSchema> = TOptional<Parameter> & { readonly default: unknown };

/** Makes a parameter optional. @param parameter a schema with a `default` */
export function Defaulted<Parameter extends TSchema>(parameter: Parameter): Defaulted<Parameter> {
  const optional = Type.Optional(parameter);
  if (!('default' in optional)) throw new Error('The schema has no default');
  return optional as Defaulted<Parameter>;
}

/**
 * A parameter whose text means more than a schema can express.
 * @param parameter its documentation; `x-expected` words the refusal
 * @param parse parses the text; undefined if it does not fit
 */
export function Parsed<Parameter extends TString | TEnum<string[]>, Value>(
  parameter: Parameter,
  parse: (text: string) => Value | undefined,
): TCodec<Parameter, Value> {
  return Type.Decode(parameter, (text: StaticDecode<Parameter>): Value => {
    const value = parse(text as string);
    if (value === undefined) throw new Misfit();
    return value;
  });
}

/** A boolean that is false by default: `true`, `false`, `1` or `0` in any case. */
export const Flag = (description: string) => Defaulted(Type.Boolean({ default: false, description }));

/** A time, in ms since the epoch: RFC 3339, and the forms written by the published SDKs and common languages. */
export const Time = (description: string) =>
  Parsed(Type.String({ format: 'date-time', description, 'x-expected': QUERY_TIME_FORM }), (text) => {
    const time = parseQueryTime(text);
    return Number.isNaN(time) ? undefined : time;
  });

const MAX_NUMBERS = 1000;

/** IDs assigned by the server, separated by commas; up to 1000. */
export const Numbers = (options: TSchemaOptions) =>
  Parsed(Type.String({ 'x-expected': `up to ${MAX_NUMBERS} numbers, separated by commas`, ...options }), (text) => {
    const parts = text.split(',');
    const numbers = parts.map((each) => (/^ *\d{1,16} *$/.test(each) ? Number(each) : Number.NaN));
    return parts.length <= MAX_NUMBERS && numbers.every(Number.isSafeInteger) ? numbers : undefined;
  });
