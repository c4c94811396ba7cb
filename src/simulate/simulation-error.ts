// Owns the failures that a simulation reports to people, and the wording of connection errors.

/**
 * A simulation that cannot continue. `usage`: the options are wrong; `failed`: the server, the key or the network
 * failed.
 */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
  readonly kind: 'usage' | 'failed';

  constructor(kind: 'usage' | 'failed', message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Describes a network error in a few words that say what to check. */
export function describeNetworkError(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused; is the server running?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no such host; check --url';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'no route to that host';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was closed before an answer';
    case 'ETIMEDOUT':
      return 'no answer in time';
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return 'the server does not use TLS there; try http:// in --url';
    default:
      break;
  }
  if (code.startsWith('HPE_')) return 'the server there does not speak HTTP (or needs https:// in --url)';
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/.test(code)) {
    return `its TLS certificate is not trusted (${code}); set NODE_EXTRA_CA_CERTS to trust your own certificate authority`;
  }
  return error.message === '' ? code || 'unknown network error' : error.message;
}
