import type { PolicyEvent, StatementFields } from './policy-event.ts';

type StatementRow = {
  readonly service: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly statement: StatementFields;
  readonly owner: readonly string[];
};

const ROWS: readonly StatementRow[] = [
  {
    service: 'lambda',
    add: ['AddPermission', 'AddPermission20150331', 'AddPermission20150331v2'],
    remove: ['RemovePermission', 'RemovePermission20150331', 'RemovePermission20150331v2'],
    statement: 'lambda',
    owner: ['arn:{partition}:lambda:{region}:{account}:function:{request.functionName}'],
  },
  {
    service: 'lambda',
    add: ['AddLayerVersionPermission', 'AddLayerVersionPermission20181031'],
    remove: ['RemoveLayerVersionPermission', 'RemoveLayerVersionPermission20181031'],
    statement: 'lambda_layer',
    owner: ['arn:{partition}:lambda:{region}:{account}:layer:{request.layerName}'],
  },
  {
    service: 'events',
    add: ['PutPermission'],
    remove: ['RemovePermission'],
    statement: 'events',
    owner: ['arn:{partition}:events:{region}:{account}:event-bus/{request.eventBusName}'],
  },
  {
    service: 'sns',
    add: ['AddPermission'],
    remove: ['RemovePermission'],
    statement: 'sns',
    owner: ['{request.topicArn}'],
  },
  {
    service: 'sqs',
    add: ['AddPermission'],
    remove: ['RemovePermission'],
    statement: 'sqs',
    owner: ['{queue}'],
  },
  {
    service: 'signer',
    add: ['AddProfilePermission'],
    remove: ['RemoveProfilePermission'],
    statement: 'signer',
    owner: ['arn:{partition}:signer:{region}:{account}:/signing-profiles/{request.profileName}'],
  },
];

/**
 * Calls that add one statement to a resource policy by its fields, or remove one by its id. Lambda's names
 * carry the date of their API version.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
 */
export const STATEMENT_EVENTS: readonly PolicyEvent[] = ROWS.flatMap(fromRow);

function fromRow(row: StatementRow): PolicyEvent[] {
  const source = `${row.service}.amazonaws.com`;
  const shared = { source, kind: 'resource', owner: row.owner } as const;
  return [
    ...row.add.map(
      (name): PolicyEvent => ({ ...shared, name, operation: 'add_permission', statement: row.statement }),
    ),
    ...row.remove.map((name): PolicyEvent => ({ ...shared, name, operation: 'remove_permission' })),
  ];
}
