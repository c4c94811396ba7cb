/**
 * The forms of error responses on the wire, each with its schema, so that what is sent and what is documented agree.
 */

import { type TObject, Type } from 'typebox';
import type { Problem } from '../domain/errors.ts';

/** An error response before it gets a form. */
export interface ErrorAnswer {
  /** One line for people. */
  readonly message: string;
  /** HTTP status. */
  readonly status: number;
  readonly requestUuid: string;
  /** The problems, if there are several or their position in the request is known; one line of text each. */
  readonly problems: readonly Problem[];
  /** True for a malformed request, which `problems` then explains. */
  readonly isInvalid: boolean;
}

/** The form of a surface's error responses. */
export interface ErrorBody {
  /** Its name in the OpenAPI document; ends with `ErrorResponse`. */
  readonly name: string;
  readonly schema: TObject;
  render(answer: ErrorAnswer): object;
}

const StatusCode = Type.Integer({ description: 'Equals the HTTP status' });

/** The error body of the Third-party API: always with all three keys. */
export const THIRD_PARTY_ERROR: ErrorBody = {
  name: 'ThirdPartyErrorResponse',
  schema: Type.Object({
    Error: Type.String({ description: 'One line for people; not an enumeration, do not match on it' }),
    RequestUUID: Type.String({ format: 'uuid', description: 'Also in the X-Request-Id header' }),
    StatusCode,
  }),
  render: ({ message, requestUuid, status }) => ({ Error: message, RequestUUID: requestUuid, StatusCode: status }),
};

/** The error body of the Integration and Management API. If it lists details, its message only summarises them. */
export const INTEGRATION_ERROR: ErrorBody = {
  name: 'ErrorResponse',
  schema: Type.Object({
    message: Type.String(),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          title: Type.String({ description: 'Short class of the problem' }),
          details: Type.Optional(Type.String({ description: 'One line for people' })),
          source: Type.Object({
            pointer: Type.Optional(Type.String({ description: 'JSON Pointer into the body' })),
            parameter: Type.Optional(Type.String({ description: 'Query or path parameter' })),
            line: Type.Optional(Type.String({ description: 'Line of an uploaded file' })),
          }),
        }),
      ),
    ),
    StatusCode,
  }),
  render({ message, status, problems, isInvalid }) {
    const errors = problems
      .filter(({ source }) => source !== undefined)
      .map(({ title, message: details, source }) => ({ title, details, source }));
    return {
      message: isInvalid && errors.length > 0 ? 'Request validation failed' : message,
      errors,
      StatusCode: status,
    };
  },
};
