/**
 * Compiles schemas into code; those of bodies and responses when first needed, since a server has hundreds and starts
 * often.
 */

import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';
import { Ajv, type ValidateFunction } from 'ajv';
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify';
import type { TObject } from 'typebox';
import { SCHEMA_ANNOTATIONS } from './explain.ts';
import { FullAnswer, publishedForm } from './extended.ts';
import { compileQuery } from './query-strings.ts';

/**
 * The schemas are our own: the tests check that they are valid, which would cost a server more time than all else that
 * it compiles.
 */
const TRUSTED = { meta: false, validateSchema: false } as const;

type Validate = ((data: unknown) => boolean) & { errors?: (ValidateFunction['errors'] & object) | null };

/**
 * Bodies are validated, and queries parsed, by their schemas; headers and paths have rules that no schema expresses.
 */
export function createValidatorCompiler(): FastifySchemaCompiler<unknown> {
  const ajv = new Ajv({
    ...TRUSTED,
    coerceTypes: false,
    removeAdditional: false,
    useDefaults: false,
    allErrors: false,
  });
  for (const keyword of SCHEMA_ANNOTATIONS) ajv.addKeyword(keyword);
  return ({ schema, httpPart }) => {
    if (httpPart === 'querystring') return compileQuery(schema as TObject);
    if (httpPart !== 'body') return () => true;
    let compiled: ValidateFunction | undefined;
    const validate: Validate = (data) => {
      compiled ??= ajv.compile(schema as object);
      const valid = compiled(data);
      validate.errors = compiled.errors ?? null;
      return valid;
    };
    return validate;
  };
}

type Controller = NonNullable<FastifyServerOptions['schemaController']>;

/**
 * Fastify's own serializers, each compiled for its first response. A response is sent in its published form, unless it
 * is a `FullAnswer`.
 */
export const schemaController: Controller = {
  compilersFactory: {
    buildSerializer: (externalSchemas, options) => {
      const compile = SerializerSelector()(externalSchemas, { ...options, ajv: TRUSTED });
      return (route) => {
        const schema = route.schema as object;
        let published: ReturnType<typeof compile> | undefined;
        let full: ReturnType<typeof compile> | undefined;
        return (data) => {
          if (data instanceof FullAnswer) {
            full ??= compile(route);
            return full(data.body);
          }
          published ??= compile({ ...route, schema: publishedForm(schema) });
          return published(data);
        };
      };
    },
  },
};
