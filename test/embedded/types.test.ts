/** The published types repeat types of the server, because published declarations name nothing else; both must agree. */

import { expect, test } from 'vitest';
import type { Platform } from '../../src/domain/access/api-keys.ts';
import type { AttributeType as ServedAttributeType } from '../../src/domain/definitions/attributes.ts';
import type {
  AttributeType,
  Audience,
  AudienceOfProfile,
  KeySeed,
  Profile,
  ReceivedRequest,
} from '../../src/embedded/api.ts';
import type { ReceivedRequest as Received } from '../../src/test-controls/received.ts';
import type { AudienceView, AudienceOfProfile as OfProfile, ProfileView } from '../../src/test-controls/state.ts';

/** True if values of each type are values of the other, and both have the same members. */
type Agree<A, B> = [A, keyof A] extends [B, keyof B] ? ([B, keyof B] extends [A, keyof A] ? true : false) : false;

test('they agree, as the compiler checks', () => {
  const agreements: [
    Agree<ReceivedRequest, Received>,
    Agree<Profile, ProfileView>,
    Agree<AudienceOfProfile, OfProfile>,
    Agree<Audience, AudienceView>,
    Agree<AttributeType, ServedAttributeType>,
    Agree<NonNullable<KeySeed['platform']>, Platform>,
  ] = [true, true, true, true, true, true];
  const disagreement: Agree<Profile, Audience> = false;
  expect([...agreements, disagreement]).toEqual([true, true, true, true, true, true, false]);
});
