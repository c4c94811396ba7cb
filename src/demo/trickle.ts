/** Live traffic for the visitor: the story's last hour, followed by everyday business, so that live views move. */

import { setTimeout as delay } from 'node:timers/promises';
import { AUDIENCES, CDP, TEALIUM } from './audiences.ts';
import { audiencesQuestion, type Call, membershipSync, profileAudiences, profileUpdate } from './calls.ts';
import { appEvent, expiredKey } from './incidents.ts';
import { attributesOf, orderAttributesOf, placeOrder } from './people.ts';
import { HOUR_MS } from './rhythm.ts';
import { type Scene, type Stage, senderOf } from './stage.ts';

const PAUSE_MS = { least: 300, most: 1800 };
const LAST_HOUR_PAUSE_MS = 15_000;
// Everything is kept in memory: a demo forgotten for a week should have stopped, not grown.
const MAX_CALLS = 100_000;

/** Sends a call now and then until the signal fires; the answers do not matter. */
export async function trickle(stage: Stage, signal: AbortSignal): Promise<void> {
  const { random } = stage;
  for (let count = 0; count < MAX_CALLS && !signal.aborted; count += 1) {
    const pause = PAUSE_MS.least + random.below(PAUSE_MS.most - PAUSE_MS.least);
    await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    // A visitor may have deleted a key or an audience, and the server may be stopping.
    await stage.send(nextCall(stage)).catch(() => undefined);
  }
}

/** The same business at a slower pace before a visitor arrives, so that the last hour is never empty, even at night. */
export function lastHourScenes(stage: Stage): Scene[] {
  const from = stage.end - HOUR_MS;
  return Array.from({ length: HOUR_MS / LAST_HOUR_PAUSE_MS }, (_, index) => ({
    time: from + Math.floor((index + stage.random.below(1000) / 1000) * LAST_HOUR_PAUSE_MS),
    async play() {
      await stage.send(nextCall(stage));
    },
  }));
}

function nextCall(stage: Stage): Call {
  const { random, crowd, clock } = stage;
  const dice = random.below(100);
  const person = crowd.anybody();
  if (dice < 34) return audiencesQuestion(senderOf(stage, dice < 28 ? 'shop' : 'kiosk'), person.integrationId);
  if (dice < 58) {
    placeOrder(person, random, clock.now());
    return profileUpdate(senderOf(stage, 'cdp'), person.integrationId, orderAttributesOf(person));
  }
  if (dice < 61) {
    const newcomer = crowd.meetNext(clock.now()) ?? person;
    return profileUpdate(senderOf(stage, 'cdp'), newcomer.integrationId, attributesOf(newcomer));
  }
  if (dice < 79) return streamedChange(stage);
  if (dice < 94) return smallSync(stage);
  return dice < 98 ? appEvent(stage) : expiredKey(stage);
}

/** Somebody joins or leaves one of the audiences that are streamed. */
function streamedChange(stage: Stage): Call {
  const { random, crowd, clock } = stage;
  const audience = random.pick(AUDIENCES.filter(({ platform }) => platform === TEALIUM));
  const person = crowd.anybody();
  const moved = crowd.toggle(audience, person, clock.now());
  const ids = [audience.id];
  const [adds, deletes] = moved === 'joined' ? [ids, []] : [[], moved === 'left' ? ids : []];
  return profileAudiences(senderOf(stage, 'tealium'), person.integrationId, adds, deletes);
}

function smallSync(stage: Stage): Call {
  const { random, crowd, clock } = stage;
  const audience = random.pick(AUDIENCES.filter(({ platform, until }) => platform === CDP && until === undefined));
  const people = new Set(Array.from({ length: 2 + random.below(12) }, () => crowd.anybody()));
  const data = [...people].flatMap((person) => {
    const moved = crowd.toggle(audience, person, clock.now());
    if (moved === undefined) return [];
    const [adds, deletes] = moved === 'joined' ? [[audience.id], []] : [[], [audience.id]];
    return [{ customerProfileId: person.integrationId, adds, deletes }];
  });
  return membershipSync(senderOf(stage, 'cdp'), data);
}
