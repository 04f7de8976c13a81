import { type JsonObject, readMember, readObject, readString } from './json.ts';

/**
 * Who called, as a record's `userIdentity` says: every member that enrichers read, always in one shape, so
 * that reading one costs a load instead of three look-ups in somebody else's JSON. Texts are absent
 * (`undefined`) as in {@link readString}.
 *
 * Equal bytes give the identical caller: remember by identity what follows from one.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export type Caller = {
  /** The member as it was parsed, for readers of paths that data files name. */
  readonly identity: JsonObject;
  readonly type: string | undefined;
  readonly principalId: string | undefined;
  readonly arn: string | undefined;
  readonly accountId: string | undefined;
  readonly accessKeyId: string | undefined;
  readonly userName: string | undefined;
  readonly invokedBy: string | undefined;
  /** True when there is an `invokedBy`, whatever it says. */
  readonly hasInvokedBy: boolean;
  /** `onBehalfOf.userId`: the Identity Center user. */
  readonly onBehalfOfUserId: string | undefined;
  /** `sessionContext.sessionIssuer.arn`: the role, or the user whose session it is. */
  readonly issuerArn: string | undefined;
  /** A session of a role that only AWS can create and only its service can assume, by the role's path. */
  readonly isServiceLinked: boolean;
  /** `sessionContext.sourceIdentity`. */
  readonly sourceIdentity: string | undefined;
  /** `sessionContext.ec2RoleDelivery`: the version of the metadata service. */
  readonly ec2RoleDelivery: string | undefined;
  /** `sessionContext.assumedRoot`: a session of AssumeRoot. */
  readonly isAssumedRoot: boolean;
  /** `sessionContext.attributes.mfaAuthenticated`, which AWS writes as text. */
  readonly mfaAuthenticated: boolean | undefined;
  /** What a reader made of the caller, for itself to find again. */
  reading: object | undefined;
};

/** The caller that a parsed `userIdentity` describes. */
export function callerOf(identity: JsonObject): Caller {
  const context = readObject(identity, 'sessionContext');
  const assumedRoot = readMember(context, 'assumedRoot');
  const type = readString(identity, 'type');
  const issuerArn = readString(readObject(context, 'sessionIssuer'), 'arn');
  const mfa = readString(readObject(context, 'attributes'), 'mfaAuthenticated');
  return {
    identity,
    type,
    principalId: readString(identity, 'principalId'),
    arn: readString(identity, 'arn'),
    accountId: readString(identity, 'accountId'),
    accessKeyId: readString(identity, 'accessKeyId'),
    userName: readString(identity, 'userName'),
    invokedBy: readString(identity, 'invokedBy'),
    hasInvokedBy: readMember(identity, 'invokedBy') !== undefined,
    onBehalfOfUserId: readString(readObject(identity, 'onBehalfOf'), 'userId'),
    issuerArn,
    isServiceLinked: type === 'AssumedRole' && issuerArn?.includes(':role/aws-service-role/') === true,
    sourceIdentity: readString(context, 'sourceIdentity'),
    ec2RoleDelivery: readString(context, 'ec2RoleDelivery'),
    isAssumedRoot: assumedRoot === true || assumedRoot === 'true',
    mfaAuthenticated: mfa === undefined ? undefined : mfa === 'true',
    reading: undefined,
  };
}
