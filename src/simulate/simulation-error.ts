// Owns the failures a simulation reports in words, and the wording of connection troubles.

/** A simulation that cannot go on. `usage`: the options are wrong; `failed`: the server, the key or the network is. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
  readonly kind: 'usage' | 'failed';

  constructor(kind: 'usage' | 'failed', message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A network error in a few words that say what to look at. */
export function describeNetworkError(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused; is the server running?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no such host name; check --url';
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
      return 'the server does not speak TLS there; use http:// in --url?';
    default:
      break;
  }
  if (code.startsWith('HPE_')) return 'what answers there does not speak HTTP (or needs https:// in --url)';
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/.test(code)) {
    return `its TLS certificate is not trusted (${code}); NODE_EXTRA_CA_CERTS can name your own authority`;
  }
  return error.message === '' ? code || 'unknown network error' : error.message;
}
