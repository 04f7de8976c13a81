import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventFromObject } from '../../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../../src/cloudtrail/json.ts';
import {
  enrichPolicy,
  followPolicy,
  observePolicy,
  type PolicyResult,
} from '../../../src/enrichment/policy.ts';
import type { Contribution, Store, StoredRecord } from '../../../src/store/port.ts';
import { ADMIN, attachRole, createPolicy, createVersion, setDefault } from './policy-events.ts';
import { freshContext, freshStore } from './policy-pipeline.ts';

const PAIRS: readonly {
  readonly name: string;
  readonly document: JsonObject;
  readonly activation: JsonObject;
}[] = [
  {
    name: 'a chosen version',
    document: createVersion(0, 'v2', ADMIN, false),
    activation: setDefault(10, 'v2'),
  },
  { name: 'an attachment', document: createPolicy(0, ADMIN), activation: attachRole(10) },
];

for (const { name, document, activation } of PAIRS) {
  for (const steps of interleavings()) {
    test(`two replicas cannot both miss ${name} when they take turns ${steps}`, async () => {
      const store = freshStore();
      const replicas = { D: replica(document, store), A: replica(activation, store) };
      for (const step of steps) await replicas[step === 'D' ? 'D' : 'A'].step();
      const [brought, activated] = [replicas.D.result(), replicas.A.result()];
      const isAnswered = activated.policy?.status === 'cached';
      const isTold = brought.policy?.late !== undefined;
      assert.equal(isAnswered || isTold, true);
      if (isAnswered) assert.equal(activated.policy?.is_admin, true);
    });
  }
}

/** One request of one event on a replica of its own, exchange by exchange. */
function replica(record: JsonObject, store: Store) {
  const context = freshContext();
  const observation = observePolicy(eventFromObject(record), context);
  const known = new Map<string, StoredRecord>();
  let step = 0;
  const exchange = async (contributions: readonly Contribution[]): Promise<void> => {
    for (const [key, merged] of (await store.exchange(contributions)).records) known.set(key, merged);
  };
  return {
    step: async (): Promise<void> => {
      step += 1;
      if (step === 1) await exchange(observation.contributions);
      else await exchange(followPolicy(observation, known, context, step === 2 ? 1 : 2));
    },
    result: (): PolicyResult => enrichPolicy(observation, known, context),
  };
}

/** Every way in which two requests of three exchanges each can take turns. */
function interleavings(): string[] {
  const ways = (left: string, right: string): string[] =>
    left === '' || right === ''
      ? [left + right]
      : [
          ...ways(left.slice(1), right).map((rest) => left.charAt(0) + rest),
          ...ways(left, right.slice(1)).map((rest) => right.charAt(0) + rest),
        ];
  return ways('DDD', 'AAA');
}
