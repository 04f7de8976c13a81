import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, readCorpus, readFinds } from './corpus.ts';
import { TARGETS } from './targets/targets.ts';

for (const target of TARGETS) {
  for (const { name, input } of readFinds(target.name)) {
    test(`${target.name} holds for ${name}`, async () => {
      await assert.doesNotReject(async () => target.run(bytesOf(input)));
    });
  }

  test(`${target.name} holds for every seed and kept input: ${target.promise}`, async () => {
    const inputs = [...target.seeds.map((text) => Buffer.from(text)), ...readCorpus(target.name)];

    for (const input of inputs)
      await assert.doesNotReject(
        async () => target.run(input),
        `input ${JSON.stringify(input.toString('latin1'))}`,
      );
  });
}
