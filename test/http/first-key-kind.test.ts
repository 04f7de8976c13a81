import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { buildTestApp } from '../helpers/test-app.ts';

const mara = {
  type: 'IAMUser',
  principalId: 'AIDAEXAMPLE0000000001',
  accountId: '111122223333',
  userName: 'm',
};
const signIn = {
  eventID: 'sign-in',
  eventTime: '2024-05-01T09:00:00Z',
  eventSource: 'signin.amazonaws.com',
  eventName: 'ConsoleLogin',
  eventType: 'AwsConsoleSignIn',
  userIdentity: mara,
  responseElements: { ConsoleLogin: 'Success' },
  additionalEventData: { MFAUsed: 'Yes' },
};
const keyUse = {
  eventID: 'key-use',
  eventTime: '2024-05-20T09:00:00Z',
  eventSource: 'ec2.amazonaws.com',
  eventName: 'AllocateAddress',
  eventType: 'AwsApiCall',
  sourceIPAddress: '203.0.113.9',
  userAgent: 'aws-cli/2.15.0',
  userIdentity: { ...mara, accessKeyId: 'AKIAEXAMPLE000000001' },
};

type Answer = {
  readonly risk: { readonly reasons: readonly string[]; readonly level: string };
  readonly explain?: { readonly risk: JsonObject };
};

test('the first use of an access key by a user of the console is a reason of its risk', async (t) => {
  const app = await buildTestApp(t);
  const enrich = async (record: JsonObject): Promise<Answer> => {
    const { json } = await app.inject({ method: 'POST', url: '/v1/enrich?explain=true', payload: record });
    return json<{ detrails: Answer }>().detrails;
  };

  const first = await enrich(signIn);
  const second = await enrich(keyUse);
  const later = await enrich({ ...keyUse, eventID: 'another', eventTime: '2024-05-21T09:00:00Z' });
  const again = await enrich(keyUse);

  const isFirst = ({ risk }: Answer): boolean => risk.reasons.includes('first_use_of_key_kind');
  assert.deepEqual([first, second, later, again].map(isFirst), [false, true, false, true]);
  assert.deepEqual(
    [second, later].map(({ risk }) => risk.level),
    ['medium', 'low'],
  );
  assert.deepEqual(second.explain?.risk['first_use'], {
    kind: 'long_term_key',
    known_by: 'console',
    since: '2024-05-01T09:00:00Z',
    established: true,
  });
});
