/**
 * Calls that hand something to accounts named in their request, and where. What lets somebody in by a
 * policy (resource and trust policies, Lambda's and SNS's `AddPermission`) is not here: its document says
 * whom. Only what is added counts, never what is taken away.
 *
 * S3's access control lists name canonical user ids, which lead to no account.
 *
 * Paths are below `requestParameters`, in CloudTrail's spelling; where the same member is written in two
 * ways, both are here.
 */
const CALLS: { readonly [source: string]: { readonly [names: string]: readonly string[] } } = {
  'appstream.amazonaws.com': { UpdateImagePermissions: ['sharedAccountId'] },
  'backup.amazonaws.com': { StartCopyJob: ['destinationBackupVaultArn'] },
  'config.amazonaws.com': { PutAggregationAuthorization: ['authorizedAccountId'] },
  'ds.amazonaws.com': { ShareDirectory: ['shareTarget.id'] },
  'ec2.amazonaws.com': {
    CreateNetworkInterfacePermission: [
      'awsAccountId',
      'CreateNetworkInterfacePermissionRequest.AwsAccountId',
      'createNetworkInterfacePermissionRequest.awsAccountId',
    ],
    CreateVpcPeeringConnection: ['peerOwnerId'],
    ModifyFpgaImageAttribute: ['loadPermission.add.items.userId'],
    ModifyImageAttribute: [
      'launchPermission.add.items.userId',
      'launchPermission.add.items.organizationArn',
      'launchPermission.add.items.organizationalUnitArn',
    ],
    ModifySnapshotAttribute: ['createVolumePermission.add.items.userId'],
    ModifyVpcEndpointServicePermissions: [
      'addAllowedPrincipals',
      'ModifyVpcEndpointServicePermissionsRequest.AddAllowedPrincipals',
      'ModifyVpcEndpointServicePermissionsRequest.AddAllowedPrincipals.content',
    ],
  },
  'ecr.amazonaws.com': {
    PutReplicationConfiguration: ['replicationConfiguration.rules.destinations.registryId'],
  },
  'events.amazonaws.com': { PutTargets: ['targets.arn'] },
  'guardduty.amazonaws.com': {
    AcceptAdministratorInvitation: ['administratorId'],
    AcceptInvitation: ['masterId'],
  },
  'kms.amazonaws.com': { CreateGrant: ['granteePrincipal'] },
  'lakeformation.amazonaws.com': {
    BatchGrantPermissions: ['entries.principal.dataLakePrincipalIdentifier'],
    GrantPermissions: ['principal.dataLakePrincipalIdentifier'],
  },
  'logs.amazonaws.com': { PutSubscriptionFilter: ['destinationArn'] },
  'macie2.amazonaws.com': { AcceptInvitation: ['administratorAccountId', 'masterAccount'] },
  'oam.amazonaws.com': { CreateLink: ['sinkIdentifier'] },
  'organizations.amazonaws.com': { RegisterDelegatedAdministrator: ['accountId'] },
  'ram.amazonaws.com': {
    AssociateResourceShare: ['principals'],
    CreateResourceShare: ['principals'],
  },
  'rds.amazonaws.com': {
    ModifyDBClusterSnapshotAttribute: ['valuesToAdd'],
    ModifyDBSnapshotAttribute: ['valuesToAdd'],
  },
  'redshift.amazonaws.com': {
    AuthorizeDataShare: ['consumerIdentifier'],
    AuthorizeEndpointAccess: ['account'],
    AuthorizeSnapshotAccess: ['accountWithRestoreAccess'],
  },
  'route53domains.amazonaws.com': { TransferDomainToAnotherAwsAccount: ['accountId'] },
  's3.amazonaws.com': {
    PutBucketReplication: [
      'ReplicationConfiguration.Rule.Destination.Account',
      'ReplicationConfiguration.Rules.Destination.Account',
    ],
  },
  'securityhub.amazonaws.com': {
    AcceptAdministratorInvitation: ['administratorId'],
    AcceptInvitation: ['masterId'],
  },
  'servicecatalog.amazonaws.com': { CreatePortfolioShare: ['accountId', 'organizationNode.value'] },
  'ssm.amazonaws.com': { ModifyDocumentPermission: ['accountIdsToAdd'] },
  'workspaces.amazonaws.com': { UpdateWorkspaceImagePermission: ['sharedAccountId'] },
};

/** Paths as steps, from the record's root. */
export type SharingPaths = readonly (readonly string[])[];

/** By event source, then name. */
export const SHARING_CALLS: ReadonlyMap<string, ReadonlyMap<string, SharingPaths>> = new Map(
  Object.entries(CALLS).map(([source, calls]) => [
    source,
    new Map(
      Object.entries(calls).map(([name, paths]) => [
        name,
        paths.map((path) => ['requestParameters', ...path.split('.')]),
      ]),
    ),
  ]),
);
