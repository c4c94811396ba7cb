/** Reads that share a snapshot until their turn of the event loop ends. */

import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, openConnection } from '../../src/storage/sqlite/database.ts';
import { TurnSnapshot } from '../../src/storage/sqlite/turn-snapshot.ts';
import { temporaryFolder } from './temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let writing: Connection;
let reading: Connection;
let snapshot: TurnSnapshot;
let begun: number;

beforeEach(() => {
  folder = temporaryFolder();
  writing = openConnection(join(folder.path, 'numbers.db'));
  writing.exec('create table numbers (n integer)');
  reading = openConnection(join(folder.path, 'numbers.db'), { readonly: true });
  snapshot = new TurnSnapshot(reading);
  begun = 0;
});
afterEach(() => {
  reading.close();
  writing.close();
  folder.remove();
});

function add(): void {
  writing.exec('insert into numbers values (1)');
}

function count(): number {
  return snapshot.read(
    () => {
      begun += 1;
    },
    () => reading.prepare<[], number>('select count(*) from numbers').pluck().get() ?? -1,
  );
}

describe('reads of one turn', () => {
  it('see one state, and begin once', () => {
    expect(count()).toBe(0);
    add();
    expect(count()).toBe(0);
    expect(begun).toBe(1);
  });

  it('see what was committed once somebody ended the snapshot', () => {
    expect(count()).toBe(0);
    add();
    snapshot.end();
    expect(count()).toBe(1);
    expect(begun).toBe(2);
  });

  it('hold no snapshot in the next turn', async () => {
    count();
    add();
    await nextTurn();
    expect(reading.inTransaction).toBe(false);
    expect(count()).toBe(1);
  });
});

it('a read that fails leaves the snapshot to the others', () => {
  expect(count()).toBe(0);
  const failing = (): never => {
    throw new Error('not for the others');
  };
  expect(() => snapshot.read(failing, failing)).toThrow('not for the others');
  expect(count()).toBe(0);
  expect(begun).toBe(1);
});

it('a snapshot that cannot begin is none', () => {
  const failing = (): never => {
    throw new Error('cannot begin');
  };
  expect(() => snapshot.read(failing, count)).toThrow('cannot begin');
  expect(reading.inTransaction).toBe(false);
  expect(count()).toBe(0);
});

it('a connection that was closed meanwhile is no error', async () => {
  count();
  reading.close();
  await nextTurn();
});
