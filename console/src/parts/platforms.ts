/** What the platforms of keys and audiences are called on the screen. */

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
