/** Thirty days of a retailer, played in seconds: every scene in order, at its moment. */

import { deriveSeed, Random } from '../simulate/random.ts';
import { CDP, TEALIUM } from './audiences.ts';
import { Crowd } from './crowd.ts';
import { eventScenes } from './events.ts';
import { everydayScenes, syncAll, welcome } from './everyday.ts';
import { incidentScenes, TEALIUM_RENEWAL_MS } from './incidents.ts';
import { inventPeople } from './people.ts';
import { DAY_MS, HOUR_MS } from './rhythm.ts';
import { setUpScenes, TEALIUM_EXPIRY_DAY } from './set-up.ts';
import { emptyCast, type Scene, type SenderName, type Stage } from './stage.ts';
import { lastHourScenes } from './trickle.ts';

export const STORY_DAYS = 30;
const PEOPLE = 3000;
// People the platforms already knew.
const KNOWN_FROM_THE_START = 1850;
// A first load is spread out.
const FIRST_LOAD_MS = 100 * 60_000;

/** Sets the stage. @param end the story's last moment, in ms since the epoch; the clock must stand 30 days before it */
export function setStage(parts: Pick<Stage, 'core' | 'clock' | 'send'>, end: number, seed: number): Stage {
  const start = end - STORY_DAYS * DAY_MS;
  const random = new Random(deriveSeed(seed, 12));
  const crowd = new Crowd(inventPeople(seed, PEOPLE, start), random, start);
  return { ...parts, random, crowd, start, end, cast: emptyCast() };
}

/**
 * Plays the story from its first moment to its last.
 * @param onDay called at the start of each day, from 1 on
 */
export async function playStory(stage: Stage, onDay: (day: number) => void): Promise<void> {
  const events = eventScenes(stage);
  for (let hour = 0; hour < STORY_DAYS * 24; hour += 1) {
    if (hour % 24 === 0) onDay(hour / 24 + 1);
    const from = stage.start + hour * HOUR_MS;
    const single = events.filter(({ time }) => time >= from && time < from + HOUR_MS);
    const scenes = [...single, ...(hour === 0 ? firstHour(stage) : laterHour(stage, hour, from))];
    // Events at the same time keep the order in which they were written.
    for (const scene of scenes.sort((a, b) => a.time - b.time)) {
      stage.clock.moveTo(scene.time);
      await scene.play();
    }
  }
  stage.clock.moveTo(stage.end);
}

function firstHour(stage: Stage): Scene[] {
  const setUp = setUpScenes(stage);
  const ready = setUp.at(-1)?.time ?? stage.start;
  return [...setUp, { time: ready + 60_000, play: async () => firstSync(stage, ready + 60_000) }];
}

/** Both platforms send the members of their audiences; the known members are updated accordingly. */
async function firstSync(stage: Stage, time: number): Promise<void> {
  for (let count = 0; count < KNOWN_FROM_THE_START; count += 1) {
    stage.clock.moveTo(time + Math.floor((FIRST_LOAD_MS * count) / KNOWN_FROM_THE_START));
    await welcome(stage, stage.start - DAY_MS * (1 + stage.random.below(400)));
  }
  await syncAll(stage, CDP, 'cdp', time);
  await syncAll(stage, TEALIUM, 'oldTealium', time);
}

function laterHour(stage: Stage, hour: number, from: number): Scene[] {
  // The first load lasts until then.
  if (hour < 3) return [];
  return [
    ...everydayScenes(stage, from, { tealium: tealiumSender(stage, from) }),
    ...incidentScenes(stage, from),
    ...(hour === STORY_DAYS * 24 - 1 ? lastHourScenes(stage) : []),
  ];
}

/** Whose key the platform uses; undefined while it has no valid one. */
function tealiumSender({ start }: Stage, from: number): SenderName | undefined {
  if (from + HOUR_MS <= start + TEALIUM_EXPIRY_DAY * DAY_MS) return 'oldTealium';
  return from >= start + TEALIUM_RENEWAL_MS + HOUR_MS ? 'tealium' : undefined;
}
