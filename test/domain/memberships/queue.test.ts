/** The write queue on a real store: order, batches, shedding, pausing, and what idle means. */

import { afterEach, describe, expect, it } from 'vitest';
import { COMMAND_LINE } from '../../../src/domain/actor.ts';
import type { Core } from '../../../src/domain/core.ts';
import { createApplication } from '../../../src/domain/definitions/application-administration.ts';
import type { Attribute } from '../../../src/domain/definitions/attributes.ts';
import type {
  Caller,
  ProfileState,
  UpdateProfile,
  WriteCommand,
  WriteOutcome,
} from '../../../src/domain/memberships/commands.ts';
import { findProfile } from '../../../src/domain/memberships/profiles.ts';
import {
  type BatchReport,
  submit,
  type WriteOperation,
  WriteQueue,
  type WriteQueueLimits,
  type WriteWatch,
} from '../../../src/domain/memberships/queue.ts';
import { openCore, ROOMY } from '../open-core.ts';
import { audience, catalogOf, PLATFORM } from './batch-state.ts';
import { recordedWrites } from './recorded-writes.ts';

let core: Core;
let opened: Core['storage'] | undefined;
let batches: BatchReport[];
let applicationId: number;

async function open(limits: WriteQueueLimits = ROOMY): Promise<void> {
  const { storage, ...rest } = await openCore();
  opened = storage;
  batches = [];
  core = { ...rest, storage, queue: new WriteQueue(storage, limits, (report) => batches.push(report)) };
  applicationId = (await createApplication(core, { name: 'Shop' })).id;
  for (const name of ['N', 'M']) {
    await storage.createAttribute(COMMAND_LINE, {
      entity: 'CustomerProfile',
      name,
      title: name,
      type: 'number',
      description: '',
      suggestions: [],
      restrictedBySuggestions: false,
      hasAllowedList: false,
      details: {},
      editable: true,
      applicationIds: [],
    });
  }
}

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

function update(integrationId: string, attributes: Record<string, number>, bytes = 100): UpdateProfile {
  const caller: Caller = {
    requestUuid: crypto.randomUUID(),
    keyId: undefined,
    applicationId,
    environment: 'live',
    bytes,
  };
  return {
    kind: 'updateProfile',
    caller,
    integration: 'P',
    integrationId,
    attributes,
    skipUndefinedAttributes: false,
    adds: [],
    deletes: [],
    runRuleEngine: false,
  };
}

async function settled(work: readonly Promise<unknown>[]): Promise<string[]> {
  return (await Promise.allSettled(work)).map((each) =>
    each.status === 'fulfilled' ? 'done' : ((each.reason as { code?: string }).code ?? 'failed'),
  );
}

describe('order', () => {
  it('of arrival is the order of application, and each gets the state right after its own', async () => {
    await open();
    const results = await Promise.all(
      Array.from({ length: 1000 }, async (_, n) => core.queue.submit(update('ada', { N: n }))),
    );
    expect(results.map((each) => (each as ProfileState).attributes['N'])).toEqual([...Array(1000).keys()]);
    expect((await findProfile(core, 'live', 'ada')).attributes).toEqual({ N: 999 });
  });

  it('holds for those that arrive while others are being committed', async () => {
    await open();
    const answers: number[] = [];
    const late: Promise<unknown>[] = [];
    const first = Array.from({ length: 300 }, async (_, n) => {
      await core.queue.submit(update('ada', { N: n }));
      answers.push(n);
      if (n % 100 === 0) late.push(core.queue.submit(update('ada', { M: n })).then(() => answers.push(1000 + n)));
    });
    await Promise.all(first);
    await Promise.all(late);
    expect(answers.filter((n) => n < 1000)).toEqual([...Array(300).keys()]);
    expect(answers.filter((n) => n >= 1000)).toEqual([1000, 1100, 1200]);
  });
});

describe('batches', () => {
  it('gather what arrives in one turn, 256 at most', async () => {
    await open();
    await Promise.all(Array.from({ length: 600 }, async (_, n) => core.queue.submit(update(`p${n}`, { N: n }))));
    expect(batches.map(({ requests }) => requests)).toEqual([256, 256, 88]);
  });

  it('hold 512 KiB at most, and one request whatever its size', async () => {
    await open();
    const sizes = [300, 300, 2000, 100, 100];
    await Promise.all(sizes.map(async (kib, n) => core.queue.submit(update(`p${n}`, { N: n }, kib * 1024))));
    expect(batches.map(({ requests }) => requests)).toEqual([1, 1, 1, 2]);
  });

  it('do not make one request pay for another', async () => {
    await open();
    const outcomes = await settled([
      core.queue.submit(update('a', { N: 1 })),
      core.queue.submit({ ...update('b', { N: 2 }), adds: [4711] }),
      core.queue.submit(update('c', { Unknown: 3 })),
      core.queue.submit(update('d', { N: 4 })),
    ]);
    expect(outcomes).toEqual(['done', 'not_found', 'invalid', 'done']);
    expect(batches.map(({ requests }) => requests)).toEqual([4]);
    await expect(findProfile(core, 'live', 'b')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('an idempotency key', () => {
  const keyed = (fingerprint: string, attributes = { N: 1 }): UpdateProfile => ({
    ...update('a', attributes),
    idempotency: { scope: 'ab', fingerprint },
  });

  it('allows one write at a time; another must wait, and the next one learns that it is a repeat', async () => {
    await open();
    const first = submit(core, keyed('01'));
    await expect(submit(core, keyed('01'))).rejects.toMatchObject({ code: 'conflict' });
    await expect(submit(core, keyed('02'))).rejects.toMatchObject({ code: 'conflict' });
    const reports: unknown[] = [];
    const watch = { applied: (changed: unknown) => reports.push(changed), repeated: () => reports.push('repeated') };
    const { attributes } = await first;
    await submit(core, update('a', { N: 2 }));
    expect(await submit({ ...core, watch }, keyed('01'))).toMatchObject({ attributes });
    expect(reports).toEqual([{ joins: 0, leaves: 0, profiles: 0 }, 'repeated']);
    expect((await findProfile(core, 'live', 'a')).attributes).toEqual({ N: 2 });
  });

  it('is free again after a refusal, and after it was shed', async () => {
    await open();
    await expect(submit(core, { ...keyed('01'), attributes: { Unknown: 1 } })).rejects.toMatchObject({
      code: 'invalid',
    });
    core.queue.pause('test', 'for a test', 'all');
    await expect(submit(core, keyed('02'))).rejects.toMatchObject({ code: 'unavailable' });
    core.queue.resume('test');
    expect(await submit(core, keyed('03'))).toMatchObject({ attributes: { N: 1 } });
  });
});

describe('shedding', () => {
  it('starts where too many wait, applies nothing of what it sheds, and ends by itself', async () => {
    await open({ maxRequests: 10, maxBytes: 1024 * 1024 });
    const outcomes = await settled(
      Array.from({ length: 25 }, async (_, n) => core.queue.submit(update(`p${n}`, { N: n }))),
    );
    expect(outcomes).toEqual([...Array<string>(10).fill('done'), ...Array<string>(15).fill('unavailable')]);
    await expect(findProfile(core, 'live', 'p10')).rejects.toMatchObject({ code: 'not_found' });
    await core.queue.submit(update('p10', { N: 10 }));
    expect((await findProfile(core, 'live', 'p10')).attributes).toEqual({ N: 10 });
  });

  it('tells when to come back', async () => {
    await open({ maxRequests: 1, maxBytes: 1024 * 1024 });
    const first = core.queue.submit(update('a', { N: 1 }));
    await expect(core.queue.submit(update('b', { N: 1 }))).rejects.toMatchObject({ retryAfter: 1 });
    await first;
  });

  it('is limited in bytes too, but accepts one write of any size if none waits', async () => {
    await open({ maxRequests: 100, maxBytes: 1000 });
    const outcomes = await settled([
      core.queue.submit(update('a', { N: 1 }, 5000)),
      core.queue.submit(update('b', { N: 1 }, 1)),
    ]);
    expect(outcomes).toEqual(['done', 'unavailable']);
    const later = [400, 400, 400].map(async (bytes, n) => core.queue.submit(update(`c${n}`, { N: n }, bytes)));
    expect(await settled(later)).toEqual(['done', 'done', 'unavailable']);
    expect(core.queue.depth).toBe(0);
  });
});

describe('the limits', () => {
  it('of bytes are inclusive, for those that wait and for a batch', async () => {
    await open({ maxRequests: 100, maxBytes: 1000 });
    const waiting = [400, 600, 1].map(async (bytes, n) => core.queue.submit(update(`p${n}`, { N: n }, bytes)));
    expect(await settled(waiting)).toEqual(['done', 'done', 'unavailable']);
    await open();
    const half = 256 * 1024;
    await Promise.all([half, half, 1].map(async (bytes, n) => core.queue.submit(update(`p${n}`, { N: n }, bytes))));
    expect(batches.map(({ requests }) => requests)).toEqual([2, 1]);
  });
});

describe('a paused queue', () => {
  const deletion: WriteCommand = {
    kind: 'deleteAudience',
    caller: { ...update('a', {}).caller },
    target: { audienceId: 1 },
  };
  type Causes = [cause: string, what: 'all' | 'growing'][];
  const rows: [string, Causes, unknown, unknown][] = [
    ['nothing', [], undefined, undefined],
    ['all', [['backup', 'all']], 'backup', 'backup'],
    ['what grows', [['disk', 'growing']], 'disk', undefined],
    [
      'what grows, then all',
      [
        ['disk', 'growing'],
        ['backup', 'all'],
      ],
      'disk',
      'backup',
    ],
  ];
  it.each(rows)('by %s refuses what it names', async (_, causes, write, freeing) => {
    const { core: given } = recordedWrites();
    const { queue } = given;
    for (const [cause, what] of causes) queue.pause(cause, cause, what);
    const refusal = async (command: WriteCommand) =>
      queue.submit(command).then(
        () => undefined,
        (error: unknown) => (error as Error).message,
      );
    expect([await refusal(update('a', {})), await refusal(deletion)]).toEqual([write, freeing]);
    expect(queue.pausedBecause).toBe(write);
    expect(['disk', 'backup', 'other'].filter((cause) => queue.isPausedBy(cause)).toSorted()).toEqual(
      causes.map(([cause]) => cause).toSorted(),
    );
    for (const [cause] of causes) queue.resume(cause);
    expect(queue.pausedBecause).toBeUndefined();
  });

  it('refuses new writes with its reason, finishes those it has, and continues when resumed', async () => {
    await open();
    const before = core.queue.submit(update('a', { N: 1 }));
    core.queue.pause('disk', 'The disk is nearly full', 'growing');
    expect(core.queue.pausedBecause).toBe('The disk is nearly full');
    await expect(core.queue.submit(update('b', { N: 1 }))).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The disk is nearly full',
      retryAfter: 5,
    });
    await before;
    core.queue.resume('disk');
    await core.queue.submit(update('b', { N: 2 }));
    expect((await findProfile(core, 'live', 'b')).attributes).toEqual({ N: 2 });
  });
});

describe('a dry write', () => {
  /** A store that records its batches, as `write` or `preview` and the profiles named, without applying them. */
  function recording() {
    const calls: string[] = [];
    const record = (kind: string) => async (commands: readonly WriteCommand[]) => {
      calls.push([kind, ...commands.map((each) => (each as UpdateProfile).integrationId)].join(' '));
      return commands.map((): WriteOutcome => ({ result: null, changed: { joins: 0, leaves: 0, profiles: 1 } }));
    };
    return { calls, queue: new WriteQueue({ write: record('write'), preview: record('preview') }, ROOMY) };
  }
  const dry = (integrationId: string): UpdateProfile => {
    const command = update(integrationId, {});
    return { ...command, caller: { ...command.caller, dry: true } };
  };

  it('is decided alone, in its place among others', async () => {
    const { calls, queue } = recording();
    const commands = [update('a', {}), update('b', {}), dry('c'), dry('d'), update('e', {}), update('f', {})];
    await Promise.all(commands.map(async (command) => queue.submit(command)));
    expect(calls).toEqual(['write a b', 'preview c', 'preview d', 'write e f']);
  });

  it('is decided by a preview where there is one, which tells the watcher', async () => {
    const { calls, queue } = recording();
    const reports: unknown[] = [];
    const watch: WriteWatch = {
      applied: (changed) => reports.push(changed),
      preview: async (command) => {
        reports.push(command);
        return { result: null, changed: { joins: 1, leaves: 0, profiles: 1 } };
      },
    };
    const given = { ...recordedWrites().core, queue };
    const command = dry('a');
    expect(await submit({ ...given, watch }, command)).toBeNull();
    expect(reports).toEqual([command, { joins: 1, leaves: 0, profiles: 1 }]);
    expect(calls).toEqual([]);
    reports.length = 0;
    // Without one it waits its turn, unchecked, and nothing is reported.
    for (const each of [undefined, { applied: () => reports.push('applied') }]) {
      await submit({ ...given, watch: each }, { ...dry('b'), adds: ['nobody'] });
    }
    expect([calls, reports]).toEqual([['preview b', 'preview b'], []]);
  });
});

describe('what is watched', () => {
  const rows = [{ place: 0, verdict: 'applied' }] as const;
  const effects = { applied: [], appliedCount: 0, skipped: [], skippedCount: 0 };
  const changed = { joins: 1, leaves: 2, profiles: 3 };
  const outcomes: [string, WriteOutcome, unknown[]][] = [
    ['a change', { result: null, changed }, [['applied', changed]]],
    ['a repeat', { result: null, changed, isRepeat: true }, [['applied', changed], ['repeated']]],
    [
      'a replay with verdicts',
      { result: null, changed, effects, verdicts: rows },
      [
        ['replayed', effects],
        ['judged', rows],
        ['applied', changed],
      ],
    ],
    [
      'a refusal with both',
      { error: { code: 'conflict', problems: [] }, effects, verdicts: rows },
      [
        ['replayed', effects],
        ['judged', rows],
      ],
    ],
  ];
  it.each(outcomes)('of %s is reported', async (_, outcome, expected) => {
    const reports: unknown[] = [];
    const note =
      (name: string) =>
      (...args: unknown[]): void =>
        void reports.push([name, ...args]);
    const watch = {
      applied: note('applied'),
      repeated: note('repeated'),
      replayed: note('replayed'),
      judged: note('judged'),
    };
    const { core: given } = recordedWrites(() => outcome);
    const command = { ...update('a', {}), adds: ['a1'], integration: PLATFORM };
    const ends = await Promise.all(
      [watch, {}, undefined].map(async (each) =>
        submit({ ...given, watch: each }, command).then(
          () => 'result',
          (error: unknown) => error,
        ),
      ),
    );
    expect(reports).toEqual(expected);
    const end: unknown = 'error' in outcome ? expect.objectContaining({ code: 'conflict' }) : 'result';
    expect(ends).toEqual([end, end, end]);
  });

  it('is an unexpected failure of the store, or a missing outcome', async () => {
    const failing = recordedWrites(() => ({ failure: 'broken' })).core;
    await expect(submit(failing, update('a', {}))).rejects.toThrow('broken');
    const silent = recordedWrites(() => undefined as never).core;
    await expect(submit(silent, update('a', {}))).rejects.toThrow('The store returned no outcome for a command');
  });
});

describe('idle', () => {
  it('is at once when nothing waits', async () => {
    await open();
    await core.queue.idle();
  });

  it('comes when all is answered, to everybody who waits for it', async () => {
    await open();
    let answered = 0;
    const work = Array.from({ length: 600 }, async (_, n) => {
      await core.queue.submit(update(`p${n}`, { N: n }));
      answered += 1;
    });
    expect(core.queue.depth).toBe(600);
    await Promise.all([core.queue.idle(), core.queue.idle(), core.queue.idle()]);
    expect(core.queue.depth).toBe(0);
    await Promise.all(work);
    expect(answered).toBe(600);
  });

  it('does not come while a batch is being committed', async () => {
    await open();
    const depths: number[] = [];
    const queue = new WriteQueue(core.storage, ROOMY, () => depths.push(queue.depth));
    const work = Array.from({ length: 600 }, async (_, n) => queue.submit(update(`p${n}`, { N: n })));
    await queue.idle();
    // Each batch as it ends, with those behind it.
    expect(depths).toEqual([600, 344, 88]);
    await Promise.all(work);
  });

  it('also comes when the store fails, and every waiting write learns it', async () => {
    await open();
    await core.storage.close();
    const work = [1, 2, 3].map(async (n) => core.queue.submit(update('a', { N: n })));
    expect(await settled([...work, core.queue.idle()])).toEqual(['failed', 'failed', 'failed', 'done']);
    expect(core.queue.depth).toBe(0);
  });
});

it('a failure of the store ends every write of its batch, and the next batch is tried', async () => {
  let isBroken = true;
  const queue = new WriteQueue(
    {
      write: async (commands) => {
        if (isBroken) throw new Error('gone');
        return commands.map(() => ({ result: null, changed: { joins: 0, leaves: 0, profiles: 0 } }));
      },
      preview: async () => [],
    },
    ROOMY,
  );
  const both = await Promise.allSettled([queue.submit(update('a', {})), queue.submit(update('b', {})), queue.idle()]);
  expect(both.map((each) => (each.status === 'rejected' ? String(each.reason) : 'done'))).toEqual([
    'Error: gone',
    'Error: gone',
    'done',
  ]);
  isBroken = false;
  expect(await queue.submit(update('a', {}))).toBeNull();
});

describe('submit', () => {
  const LONG = 'x'.repeat(20);
  /** A core with a closed list of colours and short values, whose profiles are given. */
  function checking(profiles: Record<string, string>) {
    const catalog = catalogOf(audience(1));
    const tier = catalog.attributes.get('Tier') as Attribute;
    catalog.putAttribute({ ...tier, id: 9, name: 'Colour', restrictedBySuggestions: true, allowedList: 7 });
    const asked: unknown[] = [];
    const { core: given, commands } = recordedWrites(undefined, catalog);
    const storage = {
      ...given.storage,
      attributeLimits: { valueBytes: 15, profileBytes: 100 },
      findAllowed: async (entries: readonly { value: string }[]) => {
        asked.push(entries);
        return entries.map(({ value }) => value !== 'grey');
      },
      findProfile: async (environment: string, integrationId: string) => {
        asked.push(`${environment} ${integrationId}`);
        const text = profiles[integrationId];
        return text === undefined ? undefined : { attributes: { Tier: text } };
      },
    };
    return { core: { ...given, storage } as unknown as WriteOperation, commands, asked };
  }
  const writing = (attributes: Record<string, string>) => ({ ...update('a', {}), attributes });

  it('looks up the values of closed lists, and only those', async () => {
    const { core: given, commands, asked } = checking({});
    await submit(given, writing({ Tier: 'gold' }));
    expect(asked).toEqual([]);
    await submit(given, writing({ Colour: 'red' }));
    expect(asked).toEqual([[{ list: 7, value: 'red' }]]);
    await expect(submit(given, writing({ Colour: 'grey' }))).rejects.toMatchObject({
      problems: [{ source: { pointer: '/attributes/Colour' } }],
    });
    expect(commands).toHaveLength(2);
  });

  it('looks up the profile for a large value, which may stay large', async () => {
    const { core: given, commands, asked } = checking({ a: `${LONG}!` });
    await submit(given, writing({ Tier: LONG }));
    expect(asked).toEqual(['live a']);
    expect(commands).toHaveLength(1);
    for (const profiles of [{ a: 'short' }, {}]) {
      await expect(submit(checking(profiles).core, writing({ Tier: LONG }))).rejects.toMatchObject({
        problems: [{ title: 'limit' }],
      });
    }
  });

  it('refuses early what cannot hold, without the queue', async () => {
    await open({ maxRequests: 1, maxBytes: 1 });
    const waiting = core.queue.submit(update('a', { N: 1 }));
    // The queue is full, so it would answer `unavailable` if it were asked.
    await expect(submit(core, update('b', { Unknown: 1 }))).rejects.toMatchObject({ code: 'invalid' });
    await expect(submit(core, { ...update('b', {}), adds: ['nobody'] })).rejects.toMatchObject({ code: 'not_found' });
    await waiting;
  });
});
