import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { buildTestApp, metricOf } from '../helpers/test-app.ts';

const refusal = (action: string): JsonObject => ({
  errorCode: 'AccessDenied',
  errorMessage: `User: arn:aws:iam::111122223333:user/m is not authorized to perform: ${action} on resource: *`,
});
const known = { eventSource: 'ec2.amazonaws.com', eventName: 'RunInstances' };
const unknown = { eventSource: 'moon.amazonaws.com', eventName: 'FlyThere' };

for (const [name, record, expected] of [
  ['a known operation', known, 0],
  ['an operation nobody knows', { ...unknown, readOnly: false }, 1],
  ['one whose record does not say whether it reads', unknown, 1],
  ['a refusal that names an action nobody knows', { ...known, ...refusal('moon:FlyThere') }, 1],
  ['a refusal that names a known action', { ...known, ...refusal('iam:PassRole') }, 0],
  ['a call of the console that is no public operation', { ...unknown, eventType: 'AwsConsoleAction' }, 0],
  ['an event of a service, which is no call', { ...unknown, eventType: 'AwsServiceEvent' }, 0],
] as const) {
  test(`counts ${expected} unknown operations for ${name}`, async (t) => {
    const app = await buildTestApp(t);

    await app.inject({ method: 'POST', url: '/v1/enrich', payload: record });

    assert.equal(await metricOf(app, 'detrails_unknown_operations_total'), expected);
  });
}
