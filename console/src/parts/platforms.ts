/** Labels for the platforms of keys and audiences. */

const LABELS: Readonly<Record<string, string>> = {
  none: '—',
  customer_data: 'Customer Data Platform',
  customer_engagement: 'Customer Engagement',
  segment: 'Segment',
  mparticle: 'mParticle',
  emarsys: 'Emarsys',
  braze: 'Braze',
  iterable: 'Iterable',
  shopify: 'Shopify',
  salesforce: 'Salesforce',
};

export function platformLabel(platform: string): string {
  return LABELS[platform] ?? platform;
}

/** The platforms a key can be created for, in the order they are offered. */
export const KEY_PLATFORMS = ['customer_data', 'segment', 'mparticle', 'emarsys'] as const;
