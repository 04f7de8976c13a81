/** What the parts of a managed policy's ARN say. */
export type ManagedArn = {
  /** Account id, or `aws` for a policy of AWS's own. */
  readonly account: string;
  /** Name without the path. */
  readonly name: string;
};

/** The account of AWS-managed policies in `arn:aws:iam::aws:policy/…`. */
export const AWS_ACCOUNT = 'aws';

/** Longest ARN that is looked up or remembered, in characters; IAM's own bound is 2,048. */
const MAX_ARN_LENGTH = 2048;

/**
 * Reads the ARN of a managed IAM policy; undefined for anything else, such as
 * `arn:aws:eks::aws:cluster-access-policy/…`.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
 */
export function parseManagedArn(arn: string): ManagedArn | undefined {
  if (arn.length > MAX_ARN_LENGTH) return undefined;
  const parts = arn.split(':');
  const [prefix, partition, service, region, account, resource] = parts;
  if (parts.length !== 6 || prefix !== 'arn' || !partition || service !== 'iam' || region !== '')
    return undefined;
  if (account === undefined || resource === undefined || !resource.startsWith('policy/')) return undefined;
  if (account !== AWS_ACCOUNT && !isAccountId(account)) return undefined;
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  return name === '' ? undefined : { account, name };
}

/** The account in an ARN, when it has one of 12 digits. */
export function accountOfArn(arn: string): string | undefined {
  const account = arn.split(':', 5)[4];
  return account !== undefined && isAccountId(account) ? account : undefined;
}

/** True for the 12 digits of an AWS account. */
export function isAccountId(text: string): boolean {
  return /^\d{12}$/.test(text);
}

/** The partition that an AWS region belongs to. */
export function partitionOf(region: string | undefined): string {
  if (region?.startsWith('cn-')) return 'aws-cn';
  return region?.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
