/** Secrets as records and requests carry them, each a text that occurs nowhere else. */
export const PLANTED = {
  sessionToken: 'FwoGZXIvYXdzPLANTEDsessionTOKEN0123456789',
  secretAccessKey: 'wJalrPLANTEDsecretACCESSkey0123456789abcd',
  password: 'PLANTED-pass-word!9',
  policyResource: 'planted-bucket-of-policy-text',
  policyCondition: 'planted-condition-value',
  bearer: 'PLANTEDbearerKEY00000000000000000000000000000',
  query: 'planted-query-value',
} as const;

/** Key ids are no secrets, but keys of the store hold them hashed. */
export const KEY_IDS = ['ASIAPLANTED000000001', 'AKIAPLANTED000000002', 'ASIAPLANTED000000003'] as const;

let count = 0;

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['s3:*', 'iam:PassRole'],
      Resource: `arn:aws:s3:::${PLANTED.policyResource}/*`,
      Condition: { StringLike: { 'aws:PrincipalTag/x': PLANTED.policyCondition } },
    },
  ],
});
const BROKEN_POLICY = `{"Statement":[{"Effect":"Allow","Resource":"${PLANTED.policyResource}"`;

const CREDENTIALS = {
  accessKeyId: KEY_IDS[0],
  secretAccessKey: PLANTED.secretAccessKey,
  sessionToken: PLANTED.sessionToken,
  expiration: 'Mar 4, 2026, 3:41:12 PM',
};

/** Records that carry every planted secret, in the members where AWS or a careless client puts them. */
export const RECORDS: readonly object[] = [
  record('sts', 'AssumeRole', {
    requestParameters: {
      roleArn: 'arn:aws:iam::111122223333:role/ops',
      roleSessionName: 'alice@example.com',
      policy: POLICY,
      tokenCode: PLANTED.password,
    },
    responseElements: {
      credentials: CREDENTIALS,
      assumedRoleUser: {
        assumedRoleId: 'AROAPLANTED000000001:alice@example.com',
        arn: 'arn:aws:sts::111122223333:assumed-role/ops/alice@example.com',
      },
    },
  }),
  record('ec2', 'DescribeInstances', {
    userIdentity: sessionOf(KEY_IDS[0]),
    sourceIPAddress: '203.0.113.99',
  }),
  record('iam', 'CreateAccessKey', {
    responseElements: { accessKey: { accessKeyId: KEY_IDS[1], secretAccessKey: PLANTED.secretAccessKey } },
  }),
  record('iam', 'CreateLoginProfile', { requestParameters: { userName: 'u', password: PLANTED.password } }),
  record('rds', 'CreateDBInstance', { requestParameters: { masterUserPassword: PLANTED.password } }),
  record('iam', 'CreatePolicy', {
    requestParameters: { policyName: 'p', policyDocument: POLICY },
    responseElements: {
      policy: { policyName: 'p', arn: 'arn:aws:iam::111122223333:policy/p', defaultVersionId: 'v1' },
    },
  }),
  record('iam', 'PutRolePolicy', {
    requestParameters: { roleName: 'r', policyName: 'q', policyDocument: POLICY },
  }),
  record('iam', 'PutRolePolicy', {
    requestParameters: { roleName: 'r', policyName: 'q', policyDocument: BROKEN_POLICY },
  }),
  record('s3', 'PutBucketPolicy', {
    requestParameters: { bucketName: 'b', bucketPolicy: JSON.parse(POLICY) as unknown },
  }),
  record('iam', 'AttachUserPolicy', {
    errorCode: 'AccessDenied',
    errorMessage: `User is not authorized, token ${PLANTED.sessionToken}`,
    userIdentity: sessionOf(KEY_IDS[2]),
  }),
  { eventSource: { secret: PLANTED.password }, eventName: 1, note: PLANTED.sessionToken },
];

/** Requests that are refused or go wrong, with secrets in their bodies. */
export const BAD_REQUESTS: readonly { readonly url: string; readonly body: string }[] = [
  { url: '/v1/enrich', body: `{"sessionToken":"${PLANTED.sessionToken}"` },
  { url: '/v1/enrich', body: `${PLANTED.secretAccessKey}` },
  { url: '/v1/enrich', body: `{eventID=1, password=${PLANTED.password}}` },
  { url: `/v1/enrich?output=${PLANTED.query}`, body: '{}' },
  { url: `/nowhere/${PLANTED.query}?token=${PLANTED.sessionToken}`, body: '{}' },
  { url: '/v1/policies/analyze', body: JSON.stringify({ document: BROKEN_POLICY }) },
  { url: '/v1/policies/analyze', body: JSON.stringify({ document: POLICY, kind: PLANTED.query }) },
  { url: '/v1/policies/analyze', body: `{"document": ${BROKEN_POLICY}` },
  { url: '/v1/policies/import', body: `{"Policies": ${PLANTED.policyResource}` },
  { url: '/v1/policies/import', body: JSON.stringify({ secret: PLANTED.password }) },
];

/** A document that is analyzed; its answer names findings, never its text. */
export const ANALYZED = JSON.stringify({ document: POLICY, previous: POLICY, account_id: '111122223333' });

/** The planted texts that occur in `text`. */
export function leaksIn(text: string): readonly string[] {
  return Object.entries(PLANTED)
    .filter(([, secret]) => text.includes(secret))
    .map(([name]) => name);
}

function record(service: string, eventName: string, more: object): object {
  count += 1;
  return {
    eventVersion: '1.11',
    eventTime: `2026-03-04T10:${String(count).padStart(2, '0')}:30Z`,
    eventSource: `${service}.amazonaws.com`,
    eventName,
    awsRegion: 'eu-west-1',
    sourceIPAddress: '203.0.113.7',
    userAgent: 'aws-cli/2.15.0',
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDAPLANTED00000001',
      arn: 'arn:aws:iam::111122223333:user/alice',
      accountId: '111122223333',
      accessKeyId: KEY_IDS[1],
      userName: 'alice',
    },
    eventID: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
    eventType: 'AwsApiCall',
    recipientAccountId: '111122223333',
    ...more,
  };
}

function sessionOf(accessKeyId: string): object {
  return {
    type: 'AssumedRole',
    principalId: 'AROAPLANTED000000001:alice@example.com',
    arn: 'arn:aws:sts::111122223333:assumed-role/ops/alice@example.com',
    accountId: '111122223333',
    accessKeyId,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: 'AROAPLANTED000000001',
        arn: 'arn:aws:iam::111122223333:role/ops',
        accountId: '111122223333',
        userName: 'ops',
      },
      attributes: { creationDate: '2026-03-04T10:00:00Z', mfaAuthenticated: 'true' },
    },
  };
}
