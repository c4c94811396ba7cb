// Owns which audiences a simulated CDP has: external IDs, display names, and how popular each one is.
import { deriveSeed, Random } from './random.ts';

/** An audience as the CDP knows it, before the server has assigned an ID. */
export interface CatalogueEntry {
  externalId: string;
  name: string;
}

const SUBJECTS = (
  'Newsletter readers|VIP customers|Cart abandoners|Win-back candidates|First-time buyers|' +
  'Birthday this month|App users|Store visitors|Loyalty members|Discount seekers|High average order|' +
  'Recently churned|Frequent returners|Weekend shoppers|Gift buyers|Outdoor enthusiasts|Home and garden|' +
  'Parents of toddlers|Students|Pet owners|Coffee subscribers|Beauty lovers|Sneaker collectors|' +
  'Early adopters|Back-in-stock waiters|Push opted in|SMS opted in|Email lapsed|Survey promoters|' +
  'Survey detractors|Referral champions|Free-shipping users|Black Friday shoppers|Summer sale shoppers|' +
  'Premium trial|Trial ending soon|Annual plan|Payment failed|Same-day delivery|Click and collect'
).split('|');

const REGIONS = 'Germany France Italy Spain UK US Canada Brazil Japan Nordics'.split(' ');

/**
 * The first `count` audiences of a seed. Their IDs all start with `sim-`: the simulator may replace audiences with this
 * prefix under its own platform name, and nothing else.
 */
export function audienceCatalogue(seed: number, count: number): CatalogueEntry[] {
  const order = new Random(deriveSeed(seed, 3));
  const names: string[] = shuffled(SUBJECTS, order);
  names.push(
    ...shuffled(
      REGIONS.flatMap((region) => SUBJECTS.map((subject) => `${subject}, ${region}`)),
      order,
    ),
  );
  for (let series = 2; names.length < count; series++) {
    names.push(...SUBJECTS.map((subject) => `${subject}, series ${series}`));
  }
  return names.slice(0, count).map((name) => ({ name, externalId: `sim-${slug(name)}` }));
}

/**
 * A table to draw audiences from: `table[random & (table.length - 1)]`. Early entries are far more popular than late
 * ones, as in every real account, and each one appears at least once.
 */
export function popularityTable(count: number): Uint16Array {
  let size = 1024;
  while (size < count * 8) size *= 2;
  const weights = Array.from({ length: count }, (_, index) => (index + 1) ** -0.8);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const table = new Uint16Array(size);
  let filled = 0;
  weights.forEach((weight, index) => {
    const share = Math.max(1, Math.floor((weight / total) * (size - count)));
    table.fill(index, filled, filled + share);
    filled += share;
  });
  // Rounding leaves a few slots over; they stay with the most popular audience (0).
  return table;
}

function shuffled(list: readonly string[], random: Random): string[] {
  const result = [...list];
  for (let index = result.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    const kept = result[index] ?? '';
    result[index] = result[other] ?? '';
    result[other] = kept;
  }
  return result;
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
