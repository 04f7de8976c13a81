import { describe, test } from 'node:test';
import { readCases } from '../read-cases.ts';
import { type PolicyCase, runPolicyCase } from './run-case.ts';

for (const file of ['permissions', 'exposure']) {
  describe(`policy analysis: ${file}`, () => {
    for (const one of readCases(`iam/${file}.json`) as readonly PolicyCase[]) {
      test(one.name, () => runPolicyCase(one));
    }
  });
}
