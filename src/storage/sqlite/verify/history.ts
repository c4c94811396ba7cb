/** Replays a profile's part of the ledger: joins and leaves alternate, and the last of them gives the current state. */

import { ACTION_NUMBERS } from '../../sql/rows.ts';
import type { Facts } from './facts.ts';
import type { LedgerEvent } from './ledger-by-profile.ts';
import type { Problems } from './problems.ts';

interface Story {
  /** Whether the profile is a member according to the ledger; undefined if the evidence was pruned. */
  member: boolean | undefined;
  position: number;
}

export class ProfileHistory {
  readonly #facts: Facts;
  readonly #problems: Problems;

  constructor(facts: Facts, problems: Problems) {
    this.#facts = facts;
    this.#problems = problems;
  }

  /** @param memberships audiences the profile is in now */
  check(profile: string, events: readonly LedgerEvent[], memberships: ReadonlySet<number>): void {
    if (events.length === 0 && memberships.size === 0) return;
    const stories = new Map<number, Story>();
    for (const { position, audienceId, action } of events) {
      const story = this.#storyOf(stories, audienceId);
      this.#applyResets(story, audienceId, position);
      const joined = action === ACTION_NUMBERS.joined;
      if (story.member === joined) {
        const said = joined ? 'joined' : 'left';
        const was = joined ? 'in it' : 'not in it';
        this.#problems.add(
          'history',
          `entry ${position}: ${profile} ${said} audience ${audienceId}, but was ${was} already`,
        );
      }
      story.member = joined;
      story.position = position;
    }
    for (const audienceId of memberships) this.#storyOf(stories, audienceId);
    for (const [audienceId, story] of stories) {
      this.#applyResets(story, audienceId, Number.POSITIVE_INFINITY);
      const member = memberships.has(audienceId);
      if (story.member === undefined || story.member === member) continue;
      const [is, expected] = member ? ['is', 'not'] : ['is not', 'still'];
      const source = story.position === 0 ? 'the ledger' : `the ledger up to entry ${story.position}`;
      this.#problems.add('history', `${profile} ${is} in audience ${audienceId}, but by ${source} ${expected} in it`);
    }
  }

  #storyOf(stories: Map<number, Story>, audienceId: number): Story {
    let story = stories.get(audienceId);
    if (story === undefined) {
      story = { member: this.#facts.baseline === 1 ? false : undefined, position: 0 };
      stories.set(audienceId, story);
    }
    return story;
  }

  /** A deletion or emptying of the whole audience between the story's last entry and `before` ends the membership. */
  #applyResets(story: Story, audienceId: number, before: number): void {
    const resets = this.#facts.resets.get(audienceId);
    if (resets === undefined) return;
    let low = 0;
    let high = resets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((resets[middle] ?? 0) < before) low = middle + 1;
      else high = middle;
    }
    const latest = resets[low - 1];
    if (latest !== undefined && latest > story.position) {
      story.member = false;
      story.position = latest;
    }
  }
}
