import type { PolicyEvent } from './policy-event.ts';

const IAM = 'iam.amazonaws.com';
const STS = 'sts.amazonaws.com';
const SSO = 'sso.amazonaws.com';
const ORGANIZATIONS = 'organizations.amazonaws.com';

const POLICY_ARN = ['request.policyArn'];
const PERMISSION_SET = ['{request.permissionSetArn}'];

/**
 * Events of IAM, STS, IAM Identity Center and Organizations that touch a policy.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
 * @see https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_Operations.html
 */
export const IDENTITY_EVENTS: readonly PolicyEvent[] = [
  {
    source: IAM,
    name: 'CreatePolicy',
    operation: 'create',
    kind: 'identity',
    documents: ['request.policyDocument'],
    policyArn: [
      'response.policy.arn',
      'arn:{partition}:iam::{account}:policy{request.path}{request.policyName}',
    ],
    version: ['response.policy.defaultVersionId'],
    policyName: ['request.policyName', 'response.policy.policyName'],
  },
  {
    source: IAM,
    name: 'CreatePolicyVersion',
    operation: 'create_version',
    kind: 'identity',
    documents: ['request.policyDocument'],
    policyArn: POLICY_ARN,
    version: ['response.policyVersion.versionId'],
  },
  {
    source: IAM,
    name: 'SetDefaultPolicyVersion',
    operation: 'set_default',
    kind: 'identity',
    policyArn: POLICY_ARN,
    version: ['request.versionId'],
  },
  {
    source: IAM,
    name: 'DeletePolicyVersion',
    operation: 'delete_version',
    kind: 'identity',
    policyArn: POLICY_ARN,
    version: ['request.versionId'],
  },
  { source: IAM, name: 'DeletePolicy', operation: 'delete', kind: 'identity', policyArn: POLICY_ARN },
  ...['User', 'Role', 'Group'].flatMap(principalEvents),
  ...['User', 'Role'].flatMap(boundaryEvents),
  {
    source: IAM,
    name: 'CreateRole',
    operation: 'create_role',
    kind: 'trust',
    documents: ['request.assumeRolePolicyDocument', 'response.role.assumeRolePolicyDocument'],
    owner: [ownerTemplate('Role')],
    references: ['request.permissionsBoundary'],
    isNew: true,
  },
  {
    source: IAM,
    name: 'CreateServiceLinkedRole',
    operation: 'create_role',
    kind: 'trust',
    documents: ['response.role.assumeRolePolicyDocument'],
    owner: ['{response.role.arn}'],
    isNew: true,
  },
  {
    source: IAM,
    name: 'UpdateAssumeRolePolicy',
    operation: 'set_trust',
    kind: 'trust',
    documents: ['request.policyDocument'],
    owner: [ownerTemplate('Role')],
  },
  {
    source: IAM,
    name: 'CreateUser',
    operation: 'set_boundary',
    kind: 'boundary',
    owner: [ownerTemplate('User')],
    policyArn: ['request.permissionsBoundary'],
    optional: true,
  },
  {
    source: STS,
    name: 'AssumeRole',
    operation: 'session_policy',
    kind: 'session',
    documents: ['request.policy'],
    references: ['request.policyArns'],
    owner: ['{response.assumedRoleUser.arn}', '{request.roleArn}'],
    optional: true,
  },
  ...['AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'].map(
    (name): PolicyEvent => ({
      source: STS,
      name,
      operation: 'session_policy',
      kind: 'session',
      documents: ['request.policy'],
      references: ['request.policyArns'],
      owner: ['{response.assumedRoleUser.arn}', '{request.roleArn}'],
      optional: true,
    }),
  ),
  {
    source: STS,
    name: 'GetFederationToken',
    operation: 'session_policy',
    kind: 'session',
    documents: ['request.policy'],
    references: ['request.policyArns'],
    owner: ['{response.federatedUser.arn}', 'arn:{partition}:sts::{account}:federated-user/{request.name}'],
    optional: true,
  },
  ...permissionSetEvents(),
  ...['CreatePolicy', 'UpdatePolicy'].map(
    (name): PolicyEvent => ({
      source: ORGANIZATIONS,
      name,
      operation: name === 'CreatePolicy' ? 'create' : 'create_version',
      kind: 'organization',
      policyArn: ['response.policy.policySummary.arn'],
      policyName: ['request.name', 'response.policy.policySummary.name', 'request.policyId'],
    }),
  ),
  ...(['AttachPolicy', 'DetachPolicy'] as const).map(
    (name): PolicyEvent => ({
      source: ORGANIZATIONS,
      name,
      operation: name === 'AttachPolicy' ? 'attach' : 'detach',
      kind: 'organization',
      policyName: ['request.policyId'],
      owner: ['{request.targetId}'],
    }),
  ),
  {
    source: ORGANIZATIONS,
    name: 'DeletePolicy',
    operation: 'delete',
    kind: 'organization',
    policyName: ['request.policyId'],
  },
];

function principalEvents(principal: string): PolicyEvent[] {
  const owner = [ownerTemplate(principal)];
  const policyName = ['request.policyName'];
  return [
    {
      source: IAM,
      name: `Put${principal}Policy`,
      operation: 'put_inline',
      kind: 'identity',
      documents: ['request.policyDocument'],
      owner,
      policyName,
    },
    {
      source: IAM,
      name: `Delete${principal}Policy`,
      operation: 'delete_inline',
      kind: 'identity',
      owner,
      policyName,
    },
    {
      source: IAM,
      name: `Attach${principal}Policy`,
      operation: 'attach',
      kind: 'identity',
      owner,
      policyArn: POLICY_ARN,
    },
    {
      source: IAM,
      name: `Detach${principal}Policy`,
      operation: 'detach',
      kind: 'identity',
      owner,
      policyArn: POLICY_ARN,
    },
  ];
}

function boundaryEvents(principal: string): PolicyEvent[] {
  const owner = [ownerTemplate(principal)];
  const policyArn = ['request.permissionsBoundary'];
  return [
    {
      source: IAM,
      name: `Put${principal}PermissionsBoundary`,
      operation: 'set_boundary',
      kind: 'boundary',
      owner,
      policyArn,
    },
    {
      source: IAM,
      name: `Delete${principal}PermissionsBoundary`,
      operation: 'remove_boundary',
      kind: 'boundary',
      owner,
    },
  ];
}

/** IAM events name principals without their path; the name alone is unique in an account. */
function ownerTemplate(principal: string): string {
  const kind = principal.toLowerCase();
  return `arn:{partition}:iam::{account}:${kind}/{request.${kind}Name}`;
}

function permissionSetEvents(): PolicyEvent[] {
  const shared = { source: SSO, kind: 'identity', owner: PERMISSION_SET } as const;
  const customer = ['request.customerManagedPolicyReference.name'];
  return [
    {
      ...shared,
      name: 'PutInlinePolicyToPermissionSet',
      operation: 'put_inline',
      documents: ['request.inlinePolicy'],
    },
    { ...shared, name: 'DeleteInlinePolicyFromPermissionSet', operation: 'delete_inline' },
    {
      ...shared,
      name: 'AttachManagedPolicyToPermissionSet',
      operation: 'attach',
      policyArn: ['request.managedPolicyArn'],
    },
    {
      ...shared,
      name: 'DetachManagedPolicyFromPermissionSet',
      operation: 'detach',
      policyArn: ['request.managedPolicyArn'],
    },
    {
      ...shared,
      name: 'AttachCustomerManagedPolicyReferenceToPermissionSet',
      operation: 'attach',
      policyName: customer,
    },
    {
      ...shared,
      name: 'DetachCustomerManagedPolicyReferenceFromPermissionSet',
      operation: 'detach',
      policyName: customer,
    },
    {
      ...shared,
      name: 'PutPermissionsBoundaryToPermissionSet',
      operation: 'set_boundary',
      kind: 'boundary',
      policyArn: ['request.permissionsBoundary.managedPolicyArn'],
      policyName: ['request.permissionsBoundary.customerManagedPolicyReference.name'],
    },
    {
      ...shared,
      name: 'DeletePermissionsBoundaryFromPermissionSet',
      operation: 'remove_boundary',
      kind: 'boundary',
    },
  ];
}
