/** CloudTrail records about temporary keys, with only what a test wants to say about them. */

type IssueParts = {
  /** Letters and digits that make the key id. */
  readonly key: string;
  readonly source: string;
  readonly id?: string;
  readonly time?: string;
  /** Key of the caller, when it is a temporary one: then the caller is an assumed role. */
  readonly callerKey?: string;
  readonly more?: Record<string, unknown>;
  readonly request?: Record<string, unknown>;
};

type UseParts = {
  readonly key: string;
  readonly source: string;
  readonly id?: string;
  readonly time?: string;
  readonly agent?: string;
  readonly session?: string;
  readonly delivery?: string;
  readonly endpoint?: string;
  readonly more?: Record<string, unknown>;
};

const ACCOUNT = '111122223333';

/** `ASIA` and the letters, as long as a key id is. */
export function keyId(letters: string): string {
  return `ASIA${letters.padEnd(16, 'X')}`;
}

/** A successful AssumeRole by a user, from an address. */
export function issueRecord(parts: IssueParts): Record<string, unknown> {
  const { key, source, callerKey } = parts;
  return {
    eventVersion: '1.08',
    eventTime: parts.time ?? '2024-05-06T09:00:00Z',
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    awsRegion: 'us-east-1',
    sourceIPAddress: source,
    userAgent: 'aws-cli/2.15.0',
    userIdentity:
      callerKey === undefined
        ? { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/alice`, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }
        : assumedRole(callerKey, 'first'),
    requestParameters: {
      roleArn: `arn:aws:iam::${ACCOUNT}:role/admin`,
      roleSessionName: 'work',
      ...parts.request,
    },
    responseElements: {
      credentials: {
        accessKeyId: keyId(key),
        expiration: 'May 6, 2024, 10:00:00 AM',
        sessionToken: 'hidden',
      },
    },
    eventID: parts.id ?? `issue-${key}`,
    ...parts.more,
  };
}

/** An AssumeRole by a service for a workload: no address, no `assumedRoleUser`. */
export function serviceIssueRecord(
  parts: Omit<IssueParts, 'source'> & { readonly service: string; readonly session: string },
): Record<string, unknown> {
  const { service, session } = parts;
  return issueRecord({
    ...parts,
    source: service,
    request: { roleSessionName: session },
    more: { userIdentity: { type: 'AWSService', invokedBy: service }, userAgent: service, ...parts.more },
  });
}

/** A call with a temporary key of an assumed role. */
export function useRecord(parts: UseParts): Record<string, unknown> {
  const { key, source, endpoint } = parts;
  return {
    eventVersion: '1.08',
    eventTime: parts.time ?? '2024-05-06T09:10:00Z',
    eventSource: 'ec2.amazonaws.com',
    eventName: 'DescribeInstances',
    awsRegion: 'us-east-1',
    sourceIPAddress: source,
    userAgent: parts.agent ?? 'aws-cli/2.15.0',
    userIdentity: assumedRole(key, parts.session ?? 'work', parts.delivery),
    eventID: parts.id ?? `use-${key}-${source}`,
    ...(endpoint !== undefined && { vpcEndpointId: endpoint }),
    ...parts.more,
  };
}

function assumedRole(key: string, session: string, delivery?: string): Record<string, unknown> {
  return {
    type: 'AssumedRole',
    principalId: `AROAIOSFODNN7EXAMPLE:${session}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/admin/${session}`,
    accountId: ACCOUNT,
    accessKeyId: keyId(key),
    sessionContext: {
      attributes: { mfaAuthenticated: 'false', creationDate: '2024-05-06T09:00:00Z' },
      ...(delivery !== undefined && { ec2RoleDelivery: delivery }),
    },
  };
}
