import type { JsonObject } from '../../../src/cloudtrail/json.ts';

export const ACCOUNT = '111122223333';
export const POLICY_ARN = `arn:aws:iam::${ACCOUNT}:policy/team/demo`;

export const HARMLESS = document(['s3:ListBucket'], 'arn:aws:s3:::bucket');
export const READ_ONLY = document(['s3:ListBucket', 's3:GetBucketLocation'], 'arn:aws:s3:::bucket');
export const ADMIN = document(['*'], '*');

/** The second `seconds` of the test's day, as CloudTrail writes it. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2024, 4, 6, 9, 0, seconds)).toISOString().replace('.000', '');
}

/** An IAM event of the test's account. */
export function iamEvent(
  eventName: string,
  seconds: number,
  requestParameters: unknown,
  responseElements: unknown = null,
  more: JsonObject = {},
): JsonObject {
  return {
    eventVersion: '1.08',
    eventTime: at(seconds),
    eventSource: 'iam.amazonaws.com',
    eventName,
    awsRegion: 'us-east-1',
    eventID: `${eventName}-${seconds}`,
    recipientAccountId: ACCOUNT,
    requestParameters,
    responseElements,
    ...more,
  };
}

export function createPolicy(seconds: number, policyDocument: unknown, more: JsonObject = {}): JsonObject {
  return iamEvent(
    'CreatePolicy',
    seconds,
    { policyName: 'demo', path: '/team/', policyDocument },
    { policy: { policyName: 'demo', arn: POLICY_ARN, defaultVersionId: 'v1' } },
    more,
  );
}

export function createVersion(
  seconds: number,
  versionId: string,
  policyDocument: unknown,
  setAsDefault: boolean,
  more: JsonObject = {},
): JsonObject {
  return iamEvent(
    'CreatePolicyVersion',
    seconds,
    { policyArn: POLICY_ARN, policyDocument, setAsDefault },
    { policyVersion: { versionId, isDefaultVersion: setAsDefault } },
    more,
  );
}

export function setDefault(seconds: number, versionId: string, more: JsonObject = {}): JsonObject {
  return iamEvent('SetDefaultPolicyVersion', seconds, { policyArn: POLICY_ARN, versionId }, null, more);
}

export function attachRole(
  seconds: number,
  policyArn: string = POLICY_ARN,
  more: JsonObject = {},
): JsonObject {
  return iamEvent('AttachRolePolicy', seconds, { roleName: 'app', policyArn }, null, more);
}

export function deletePolicy(seconds: number, more: JsonObject = {}): JsonObject {
  return iamEvent('DeletePolicy', seconds, { policyArn: POLICY_ARN }, null, more);
}

function document(actions: readonly string[], resource: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: resource }],
  });
}
