/** Plays the demo's story into the application over HTTP, without a socket. */

import { headersOf, type Send } from '../demo/calls.ts';
import type { Stage } from '../demo/stage.ts';
import { playStory, setStage } from '../demo/story.ts';
import type { StoryClock } from '../demo/story-clock.ts';
import { buildApp } from '../http/app.ts';
import type { ServerParts } from './running.ts';

export interface PastOptions {
  /** The story's last moment, in ms since the epoch. */
  readonly end: number;
  readonly seed: number;
  /** Called at the start of each day, from 1 on. */
  readonly onDay: (day: number) => void;
}

/**
 * Plays the story; afterwards the clock shows the real time.
 * @param clock the clock all parts use, set to the start of the story
 * @returns the stage, for whoever continues the story
 */
export async function livePast(parts: ServerParts, clock: StoryClock, options: PastOptions): Promise<Stage> {
  // A separate application, so that its limits do not count the story's requests against later ones.
  const app = await buildApp({
    ...parts,
    lifecycle: { started: true, stopping: false, refusing: false, ending: new AbortController().signal },
  });
  const send: Send = async (call) => {
    const { statusCode, payload } = await app.inject({
      method: call.method,
      url: call.path,
      headers: headersOf(call),
      remoteAddress: call.from.address,
      ...(call.body === undefined ? {} : { payload: JSON.stringify(call.body) }),
    });
    return { status: statusCode, body: payload };
  };
  const stage = setStage({ core: parts.core, clock, send }, options.end, options.seed);
  await playStory(stage, options.onDay);
  await parts.keyUse.flush();
  clock.release();
  await app.close();
  return stage;
}
