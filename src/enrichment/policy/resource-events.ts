import type { PolicyEvent } from './policy-event.ts';

/** A resource policy's writer or remover: service, events, where the document sits, what carries it. */
type ResourceRow = {
  /** First label of the event source. */
  readonly service: string;
  readonly put?: readonly string[];
  readonly remove?: readonly string[];
  readonly documents?: readonly string[];
  readonly owner: readonly string[];
  /** The call creates the resource, usually without a policy. */
  readonly create?: boolean;
  /** The call changes many attributes, of which the policy is one. */
  readonly optional?: boolean;
  readonly when?: PolicyEvent['when'];
};

const POLICY = ['request.policy'];
const RESOURCE_ARN = ['{request.resourceArn}'];
const QUEUE = ['{queue}', 'arn:{partition}:sqs:{region}:{account}:{request.queueName}'];
const KEY = [
  '{response.keyMetadata.arn}',
  '{response.keyId}',
  'arn:{partition}:kms:{region}:{account}:key/{request.keyId}',
];
const DOMAIN = ['arn:{partition}:es:{region}:{account}:domain/{request.domainName}'];
const REPOSITORY = ['arn:{partition}:ecr:{region}:{account}:repository/{request.repositoryName}'];
const BUCKET = ['arn:{partition}:s3:::{request.bucketName}'];
const TOPIC = [
  '{request.topicArn}',
  '{response.topicArn}',
  'arn:{partition}:sns:{region}:{account}:{request.name}',
];

const ROWS: readonly ResourceRow[] = [
  {
    service: 's3',
    put: ['PutBucketPolicy'],
    remove: ['DeleteBucketPolicy'],
    documents: ['request.bucketPolicy', 'request.policy'],
    owner: BUCKET,
  },
  {
    service: 's3',
    put: ['PutAccessPointPolicy', 'PutAccessPointPolicyForObjectLambda', 'PutMultiRegionAccessPointPolicy'],
    remove: ['DeleteAccessPointPolicy', 'DeleteAccessPointPolicyForObjectLambda'],
    documents: [
      'request.policy',
      'request.putAccessPointPolicyRequest.policy',
      'request.putMultiRegionAccessPointPolicyRequest.details.policy',
    ],
    owner: ['arn:{partition}:s3:{region}:{account}:accesspoint/{request.name}'],
  },
  {
    service: 's3express',
    put: ['PutBucketPolicy'],
    remove: ['DeleteBucketPolicy'],
    documents: ['request.bucketPolicy', 'request.policy'],
    owner: ['arn:{partition}:s3express:{region}:{account}:bucket/{request.bucketName}'],
  },
  {
    service: 's3tables',
    put: ['PutTableBucketPolicy', 'PutTablePolicy'],
    remove: ['DeleteTableBucketPolicy', 'DeleteTablePolicy'],
    documents: ['request.resourcePolicy'],
    owner: ['{request.tableBucketARN}', '{request.tableARN}'],
  },
  { service: 'kms', put: ['PutKeyPolicy'], documents: POLICY, owner: KEY },
  {
    service: 'kms',
    put: ['CreateKey', 'ReplicateKey'],
    documents: ['request.policy', 'response.replicaPolicy'],
    owner: ['{response.replicaKeyMetadata.arn}', ...KEY],
    create: true,
  },
  {
    service: 'sqs',
    put: ['SetQueueAttributes'],
    documents: ['request.attributes.Policy', 'request.attribute.Policy'],
    owner: QUEUE,
    optional: true,
  },
  {
    service: 'sqs',
    put: ['CreateQueue'],
    documents: ['request.attributes.Policy', 'request.attribute.Policy'],
    owner: QUEUE,
    create: true,
  },
  {
    service: 'sns',
    put: ['SetTopicAttributes'],
    documents: ['request.attributeValue'],
    owner: TOPIC,
    when: { path: 'request.attributeName', equals: 'Policy' },
  },
  {
    service: 'sns',
    put: ['CreateTopic'],
    documents: ['request.attributes.Policy'],
    owner: TOPIC,
    create: true,
  },
  {
    service: 'secretsmanager',
    put: ['PutResourcePolicy'],
    remove: ['DeleteResourcePolicy'],
    documents: ['request.resourcePolicy'],
    owner: [
      '{response.arn}',
      '{response.aRN}',
      'arn:{partition}:secretsmanager:{region}:{account}:secret:{request.secretId}',
    ],
  },
  {
    service: 'ecr',
    put: ['SetRepositoryPolicy'],
    remove: ['DeleteRepositoryPolicy'],
    documents: ['request.policyText', 'response.policyText'],
    owner: REPOSITORY,
  },
  {
    service: 'ecr',
    put: ['PutRegistryPolicy'],
    remove: ['DeleteRegistryPolicy'],
    documents: ['request.policyText', 'response.policyText'],
    owner: ['arn:{partition}:ecr:{region}:{account}:registry'],
  },
  {
    service: 'ecr-public',
    put: ['SetRepositoryPolicy'],
    remove: ['DeleteRepositoryPolicy'],
    documents: ['request.policyText', 'response.policyText'],
    owner: ['arn:{partition}:ecr-public::{account}:repository/{request.repositoryName}'],
  },
  {
    service: 'glue',
    put: ['PutResourcePolicy'],
    remove: ['DeleteResourcePolicy'],
    documents: ['request.policyInJson'],
    owner: ['{request.resourceArn}', 'arn:{partition}:glue:{region}:{account}:catalog'],
  },
  {
    service: 'es',
    put: ['CreateElasticsearchDomain', 'CreateDomain'],
    documents: ['request.accessPolicies', 'response.domainStatus.accessPolicies'],
    owner: DOMAIN,
    create: true,
  },
  {
    service: 'es',
    put: ['UpdateElasticsearchDomainConfig', 'UpdateDomainConfig'],
    documents: ['request.accessPolicies'],
    owner: DOMAIN,
    optional: true,
  },
  {
    service: 'glacier',
    put: ['SetVaultAccessPolicy', 'InitiateVaultLock'],
    remove: ['DeleteVaultAccessPolicy'],
    documents: ['request.policy.policy', 'request.policy'],
    owner: ['arn:{partition}:glacier:{region}:{account}:vaults/{request.vaultName}'],
  },
  {
    service: 'elasticfilesystem',
    put: ['PutFileSystemPolicy'],
    remove: ['DeleteFileSystemPolicy'],
    documents: POLICY,
    owner: ['arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{request.fileSystemId}'],
  },
  {
    service: 'backup',
    put: ['PutBackupVaultAccessPolicy'],
    remove: ['DeleteBackupVaultAccessPolicy'],
    documents: POLICY,
    owner: ['arn:{partition}:backup:{region}:{account}:backup-vault:{request.backupVaultName}'],
  },
  {
    service: 'ses',
    put: ['PutIdentityPolicy', 'CreateEmailIdentityPolicy', 'UpdateEmailIdentityPolicy'],
    remove: ['DeleteIdentityPolicy', 'DeleteEmailIdentityPolicy'],
    documents: POLICY,
    owner: [
      'arn:{partition}:ses:{region}:{account}:identity/{request.identity}',
      'arn:{partition}:ses:{region}:{account}:identity/{request.emailIdentity}',
    ],
  },
  {
    service: 'logs',
    put: ['PutResourcePolicy'],
    remove: ['DeleteResourcePolicy'],
    documents: ['request.policyDocument'],
    owner: [
      '{request.resourceArn}',
      'arn:{partition}:logs:{region}:{account}:resource-policy/{request.policyName}',
    ],
  },
  {
    service: 'logs',
    put: ['PutDestinationPolicy'],
    documents: ['request.accessPolicy'],
    owner: ['arn:{partition}:logs:{region}:{account}:destination:{request.destinationName}'],
  },
  {
    service: 'xray',
    put: ['PutResourcePolicy'],
    remove: ['DeleteResourcePolicy'],
    documents: ['request.policyDocument'],
    owner: ['arn:{partition}:xray:{region}:{account}:resource-policy/{request.policyName}'],
  },
  ...[
    'dynamodb',
    'kinesis',
    'codebuild',
    'network-firewall',
    'ssm',
    'vpc-lattice',
    'redshift',
    'redshift-serverless',
  ]
    .concat(['bedrock', 'cloudtrail', 'rekognition', 'lambda', 'vpc-lattice-svcs'])
    .map(
      (service): ResourceRow => ({
        service,
        put: ['PutResourcePolicy'],
        remove: ['DeleteResourcePolicy'],
        documents: ['request.policy', 'request.resourcePolicy', 'request.policyDocument'],
        owner: RESOURCE_ARN,
      }),
    ),
  {
    service: 'vpc-lattice',
    put: ['PutAuthPolicy'],
    remove: ['DeleteAuthPolicy'],
    documents: POLICY,
    owner: ['{request.resourceIdentifier}'],
  },
  {
    service: 'acm-pca',
    put: ['PutPolicy'],
    remove: ['DeletePolicy'],
    documents: POLICY,
    owner: RESOURCE_ARN,
  },
  {
    service: 'mediastore',
    put: ['PutContainerPolicy'],
    remove: ['DeleteContainerPolicy'],
    documents: POLICY,
    owner: ['arn:{partition}:mediastore:{region}:{account}:container/{request.containerName}'],
  },
  {
    service: 'codeartifact',
    put: ['PutDomainPermissionsPolicy'],
    remove: ['DeleteDomainPermissionsPolicy'],
    documents: ['request.policyDocument'],
    owner: ['arn:{partition}:codeartifact:{region}:{account}:domain/{request.domain}'],
  },
  {
    service: 'codeartifact',
    put: ['PutRepositoryPermissionsPolicy'],
    remove: ['DeleteRepositoryPermissionsPolicy'],
    documents: ['request.policyDocument'],
    owner: [
      'arn:{partition}:codeartifact:{region}:{account}:repository/{request.domain}/{request.repository}',
    ],
  },
  {
    service: 'schemas',
    put: ['PutResourcePolicy'],
    remove: ['DeleteResourcePolicy'],
    documents: POLICY,
    owner: ['arn:{partition}:schemas:{region}:{account}:registry/{request.registryName}'],
  },
  {
    service: 'ssm-contacts',
    put: ['PutContactPolicy'],
    documents: POLICY,
    owner: ['{request.contactArn}'],
  },
  {
    service: 'wafv2',
    put: ['PutPermissionPolicy'],
    remove: ['DeletePermissionPolicy'],
    documents: POLICY,
    owner: RESOURCE_ARN,
  },
  {
    service: 'route53resolver',
    put: ['PutFirewallRuleGroupPolicy', 'PutResolverQueryLogConfigPolicy', 'PutResolverRulePolicy'],
    documents: [
      'request.firewallRuleGroupPolicy',
      'request.resolverQueryLogConfigPolicy',
      'request.resolverRulePolicy',
    ],
    owner: ['{request.arn}'],
  },
  {
    service: 'apigateway',
    put: ['CreateRestApi'],
    documents: ['request.createRestApiInput.policy', 'request.policy'],
    owner: ['arn:{partition}:apigateway:{region}::/restapis/{response.id}'],
    create: true,
  },
  {
    service: 'ec2',
    put: ['CreateVpcEndpoint'],
    documents: ['request.CreateVpcEndpointRequest.PolicyDocument', 'request.policyDocument'],
    owner: [
      'arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{response.CreateVpcEndpointResponse.vpcEndpoint.vpcEndpointId}',
    ],
    create: true,
  },
  {
    service: 'ec2',
    put: ['ModifyVpcEndpoint'],
    documents: ['request.ModifyVpcEndpointRequest.PolicyDocument', 'request.policyDocument'],
    owner: [
      'arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{request.ModifyVpcEndpointRequest.VpcEndpointId}',
      'arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{request.vpcEndpointId}',
    ],
    optional: true,
  },
  {
    service: 'organizations',
    put: ['PutResourcePolicy'],
    remove: ['DeleteResourcePolicy'],
    documents: ['request.content'],
    owner: [
      '{response.resourcePolicy.resourcePolicySummary.arn}',
      'arn:{partition}:organizations::{account}:resourcepolicy',
    ],
  },
];

/**
 * Events that write or remove a resource policy, of every service whose policies we know to travel in
 * CloudTrail.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
 */
export const RESOURCE_EVENTS: readonly PolicyEvent[] = ROWS.flatMap(fromRow);

function fromRow(row: ResourceRow): PolicyEvent[] {
  const source = `${row.service}.amazonaws.com`;
  const shared = { source, kind: 'resource', owner: row.owner } as const;
  const puts = (row.put ?? []).map(
    (name): PolicyEvent => ({
      ...shared,
      name,
      operation: 'set_resource_policy',
      documents: row.documents ?? [],
      ...(row.create ? { isNew: true, optional: true } : {}),
      ...(row.optional ? { optional: true } : {}),
      ...(row.when ? { when: row.when } : {}),
    }),
  );
  const removes = (row.remove ?? []).map(
    (name): PolicyEvent => ({ ...shared, name, operation: 'remove_resource_policy' }),
  );
  return [...puts, ...removes];
}
