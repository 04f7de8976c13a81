import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { buildTestApp } from '../helpers/test-app.ts';
import { projectRoot } from '../shared.ts';

/** Of test/fixtures/company.yaml and the bundled vendors. */
const ACCOUNTS = { own: '444455556666', vendor: '464622532012', unknown: '999988887777' };

type Call = readonly [source: string, name: string, parameters: (account: string) => JsonObject];

const trust = (account: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${account}:root` } },
    ],
  });

const CALLS: readonly Call[] = [
  [
    'ec2',
    'ModifySnapshotAttribute',
    (userId) => ({
      attributeType: 'CREATE_VOLUME_PERMISSION',
      createVolumePermission: { add: { items: [{ userId }] } },
    }),
  ],
  ['rds', 'ModifyDBSnapshotAttribute', (account) => ({ attributeName: 'restore', valuesToAdd: [account] })],
  ['ram', 'CreateResourceShare', (account) => ({ principals: [account] })],
  ['kms', 'CreateGrant', (account) => ({ granteePrincipal: `arn:aws:iam::${account}:role/reader` })],
  [
    'lambda',
    'AddPermission20150331v2',
    (principal) => ({ functionName: 'f', statementId: 's', action: 'lambda:InvokeFunction', principal }),
  ],
  ['iam', 'UpdateAssumeRolePolicy', (account) => ({ roleName: 'r', policyDocument: trust(account) })],
];

for (const [source, name, parameters] of CALLS) {
  test(`${name} for an unknown account scores above a vendor's, and that above one of our own`, async (t) => {
    const app = await buildTestApp(t, {
      DETRAILS_CONTEXT_FILE: join(projectRoot(), 'test', 'fixtures', 'company.yaml'),
    });
    const scoreFor = async (relation: keyof typeof ACCOUNTS): Promise<number> => {
      const payload = {
        eventSource: `${source}.amazonaws.com`,
        eventName: name,
        recipientAccountId: '111122223333',
        userIdentity: { type: 'IAMUser', accountId: '111122223333' },
        requestParameters: parameters(ACCOUNTS[relation]),
      };
      const { detrails } = (await app.inject({ method: 'POST', url: '/v1/enrich', payload })).json();
      assert.equal(detrails.context.foreign_accounts.length, 1);
      assert.equal(detrails.context.foreign_accounts[0].relation, relation);
      return detrails.risk.score;
    };

    const own = await scoreFor('own');
    const vendor = await scoreFor('vendor');
    const unknown = await scoreFor('unknown');

    assert.ok(own < vendor && vendor < unknown, `${own} ${vendor} ${unknown}`);
  });
}
