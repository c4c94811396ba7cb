// Owns the start of a sync: checks that server and key work, and gives every audience a clean, known initial state.
import { audienceIdOf, expectStatus, refusal } from './answers.ts';
import type { CatalogueEntry } from './audience-catalogue.ts';
import type { Message, SyncedAudience } from './messages.ts';
import type { Sender } from './sender.ts';
import { SimulationError } from './simulation-error.ts';
import { runWorkers } from './workers.ts';

const MOST_ROUNDS = 5;

export interface AudienceSetup {
  /** In the order of the catalogue. */
  audiences: SyncedAudience[];
  /** IDs that audiences of an earlier run had: no profile may be in one of them any more. */
  replacedIds: Set<number>;
}

/** One request, no retries: a wrong address or key should show at once. */
export async function checkConnection(sender: Sender, url: URL): Promise<void> {
  const message: Message = { method: 'GET', path: '/v2/authping', title: 'the key check' };
  const attempt = await sender.attempt(message);
  if (attempt.kind === 'failed') {
    throw new SimulationError('failed', `cannot reach ${url.origin}: ${attempt.reason}`);
  }
  if (attempt.status === 401) throw refusal(message, attempt);
}

/**
 * Creates the audiences. One that already exists is left over from an earlier run, with unknown members. It is deleted
 * and created again: after a second run people expect the same audiences with the members that run has sent, not twenty
 * more under other IDs, and the server promises that a re-created audience starts empty. This touches only `sim-…`
 * audiences under the platform name of the simulation; two simultaneous simulations need two platform names.
 */
export async function createAudiences(
  sender: Sender,
  catalogue: readonly CatalogueEntry[],
  concurrency: number,
  halt: AbortController,
): Promise<AudienceSetup> {
  const created = new Map<string, SyncedAudience>();
  const replacedIds = new Set<number>();
  const left = [...catalogue].reverse();
  await runWorkers(concurrency, halt, async () => {
    for (let entry = left.pop(); entry !== undefined; entry = left.pop()) {
      created.set(entry.externalId, { ...entry, id: await createOne(sender, entry, replacedIds) });
    }
  });
  const audiences = catalogue.flatMap((entry) => created.get(entry.externalId) ?? []);
  return { audiences, replacedIds };
}

async function createOne(sender: Sender, entry: CatalogueEntry, replacedIds: Set<number>): Promise<number> {
  const body = JSON.stringify({ audienceId: entry.externalId, audienceName: entry.name });
  const create: Message = { method: 'POST', path: '/cdp/audiences', body, title: `creating audience '${entry.name}'` };
  const path = `/cdp/audiences/${encodeURIComponent(entry.externalId)}`;
  const rename: Message = { method: 'PUT', path, body, title: `renaming audience '${entry.name}'` };
  const remove: Message = { method: 'DELETE', path, title: `deleting the earlier audience '${entry.name}'` };

  // A second round is needed only if the answer to a creation was lost, so that the retry found its own audience.
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const answer = expectStatus(create, await sender.send(create), [201, 409]);
    if (answer.status === 201) return audienceIdOf(create, answer);
    // Renaming returns the ID of the old audience, which must never show up again.
    const renamed = expectStatus(rename, await sender.send(rename), [200, 404]);
    if (renamed.status === 200) replacedIds.add(audienceIdOf(rename, renamed));
    // 404: already gone, for instance because the answer to the first attempt of this call was lost.
    expectStatus(remove, await sender.send(remove), [204, 404]);
  }
  throw new SimulationError(
    'failed',
    `audience '${entry.externalId}' keeps coming back after its deletion; is another simulation running? ` +
      'Give each its own platform name.',
  );
}
