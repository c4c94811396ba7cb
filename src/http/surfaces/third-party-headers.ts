/** The headers of the Third-party API: the calling platform, and the deployment addressed. */

import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { parseHostname } from '../../config.ts';
import { codePointLength, isStorableText } from '../../domain/environment.ts';
import { DomainError, type Problem } from '../../domain/errors.ts';

/** The namespace of callers that do not name themselves. */
export const DEFAULT_PLATFORM_NAME = 'Customer Data Platform';

/** What `deploymentHost` accepts, in words. */
export const DEPLOYMENT_FORM = 'a host such as promo.example.com, with or without https://';

const MAX_PLATFORM_NAME = 255;

export interface HeaderRules {
  /** Strict mode: both headers must be present and must not be blank. */
  readonly strict: boolean;
  /** Host names served; empty means any. */
  readonly hostnames: readonly string[];
}

function problem(message: string, header: string): Problem {
  return { title: 'Invalid value', message, source: { parameter: header } };
}

/** Header values arrive as Latin-1; platforms write UTF-8. */
function decodeHeader(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}

function single(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return decodeHeader(Array.isArray(value) ? value.join(',') : (value ?? '')).trim();
}

/** Host of a deployment URL in the forms that connectors write, with or without scheme, path and trailing slash. */
export function deploymentHost(value: string): string | undefined {
  return parseHostname(
    value
      .trim()
      .replace(/^https?:\/\//i, '')
      .replace(/\/.*$/, ''),
  );
}

/**
 * Checks both headers of the generic CDP integration.
 * @returns the platform's name, trimmed
 * @throws DomainError `invalid`, or `not_found` for a deployment that is not served here
 */
export function readThirdPartyHeaders(headers: IncomingHttpHeaders, rules: HeaderRules): string {
  const problems: Problem[] = [];
  const platform = single(headers, 'customer-data-platform-name');
  if (platform === '' && rules.strict) {
    problems.push(problem('Header customer-data-platform-name is required', 'customer-data-platform-name'));
  }
  if (codePointLength(platform) > MAX_PLATFORM_NAME || !isStorableText(platform)) {
    problems.push(
      problem(
        `Header customer-data-platform-name: length must be 1 to ${MAX_PLATFORM_NAME}`,
        'customer-data-platform-name',
      ),
    );
  }
  const host = readDestination(headers, rules.strict, problems);
  if (problems.length > 0) throw new DomainError('invalid', problems);
  if (host !== undefined) requireServedHost(host, rules.hostnames);
  return platform === '' ? DEFAULT_PLATFORM_NAME : platform;
}

/**
 * Checks the required header that names the deployment.
 * @throws DomainError `invalid`, or `not_found` for a deployment that is not served here
 */
export function requireDestination(headers: IncomingHttpHeaders, { hostnames }: HeaderRules): void {
  const problems: Problem[] = [];
  const host = readDestination(headers, true, problems);
  if (problems.length > 0) throw new DomainError('invalid', problems);
  if (host !== undefined) requireServedHost(host, hostnames);
}

/** The host named; undefined if there is none or it is invalid. */
function readDestination(headers: IncomingHttpHeaders, isRequired: boolean, problems: Problem[]): string | undefined {
  const hostname = single(headers, 'destination-hostname');
  if (hostname === '') {
    if (isRequired) problems.push(problem('Header destination-hostname is required', 'destination-hostname'));
    return undefined;
  }
  const host = deploymentHost(hostname);
  if (host === undefined) {
    problems.push(problem(`Header destination-hostname: expected ${DEPLOYMENT_FORM}`, 'destination-hostname'));
  }
  return host;
}

/** @throws DomainError `not_found` for a deployment that is not served here */
export function requireServedHost(host: string, hostnames: readonly string[]): void {
  if (hostnames.length > 0 && !hostnames.includes(host)) {
    throw new DomainError('not_found', `Deployment '${host}' is not served here`);
  }
}
