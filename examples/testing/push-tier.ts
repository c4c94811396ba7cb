/** The code under test: a client that pushes the tier of a customer, and sends again what may have got lost. */

export interface Destination {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** How long an answer may take, in ms (10,000). */
  readonly timeoutMs?: number;
}

const ATTEMPTS = 3;

/** @throws Error for an answer that another attempt would not change, or after three attempts */
export async function pushTier(destination: Destination, customer: string, tier: string): Promise<void> {
  const { baseUrl, apiKey, timeoutMs = 10_000 } = destination;
  let problem = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      const response = await fetch(`${baseUrl}/cdp/customer_profile/${encodeURIComponent(customer)}`, {
        method: 'PUT',
        headers: {
          Authorization: `ApiKey-v1 ${apiKey}`,
          'Content-Type': 'application/json',
          'customer-data-platform-name': 'Tealium',
        },
        body: JSON.stringify({ attributes: { Tier: tier } }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.ok) return;
      problem = `${response.status} ${await response.text()}`;
      const retryAfter = response.headers.get('retry-after');
      if (retryAfter === null) break;
      await new Promise((resolve) => setTimeout(resolve, Number(retryAfter) * 1000));
    } catch (error) {
      // No answer says nothing about what happened, so the same is sent again: that is harmless.
      problem = String(error);
    }
  }
  throw new Error(`The tier of ${customer} was not accepted: ${problem}`);
}
