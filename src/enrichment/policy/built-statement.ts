import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import { isObject, readMember } from '../../cloudtrail/json.ts';
import { boundedText, readPath } from './event-path.ts';
import type { StatementFields } from './policy-event.ts';

const MAX_LIST = 100;

/**
 * The one-statement policy that a call such as Lambda's AddPermission adds, written out as AWS stores it;
 * undefined when the call carries no principal.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
 */
export function buildStatement(
  event: CloudTrailEvent,
  fields: StatementFields,
  resource: string | undefined,
): object | undefined {
  const principal = readPrincipal(event, fields);
  if (principal === undefined) return undefined;
  const condition = readCondition(event, fields);
  const sid = text(event, 'statementId') ?? text(event, 'label');
  return {
    Version: '2012-10-17',
    Statement: [
      {
        ...(sid !== undefined && { Sid: sid }),
        Effect: 'Allow',
        Principal: principal,
        Action: readActions(event, fields),
        ...(resource !== undefined && { Resource: resource }),
        ...(condition !== undefined && { Condition: condition }),
      },
    ],
  };
}

function readPrincipal(event: CloudTrailEvent, fields: StatementFields): unknown {
  if (fields === 'sns' || fields === 'sqs') {
    const accounts = list(
      event,
      fields === 'sns' ? ['aWSAccountId', 'awsAccountId'] : ['aWSAccountIds', 'awsAccountIds'],
    );
    return accounts.length === 0 ? undefined : { AWS: accounts };
  }
  const principal = text(event, 'principal');
  if (principal === undefined || principal === '*') return principal;
  return isServiceHost(principal) ? { Service: principal } : { AWS: principal };
}

function readActions(event: CloudTrailEvent, fields: StatementFields): unknown {
  if (fields === 'sns' || fields === 'sqs') {
    const names = list(event, fields === 'sns' ? ['actionName'] : ['actions', 'actionNames']);
    return names.map((name) => `${fields}:${name}`);
  }
  const prefix = fields === 'lambda_layer' ? 'lambda' : fields;
  const action = text(event, 'action') ?? DEFAULT_ACTIONS[fields];
  return action.includes(':') || action === '*' ? action : `${prefix}:${action}`;
}

const DEFAULT_ACTIONS = {
  lambda: 'lambda:InvokeFunction',
  lambda_layer: 'lambda:GetLayerVersion',
  events: 'events:PutEvents',
  signer: 'signer:SignPayload',
} as const;

/** Fields that limit the permission, under the condition keys AWS writes for them. */
const CONDITION_FIELDS: readonly (readonly [field: string, operator: string, key: string])[] = [
  ['sourceArn', 'ArnLike', 'AWS:SourceArn'],
  ['sourceAccount', 'StringEquals', 'AWS:SourceAccount'],
  ['principalOrgID', 'StringEquals', 'aws:PrincipalOrgID'],
  ['principalOrgId', 'StringEquals', 'aws:PrincipalOrgID'],
  ['organizationId', 'StringEquals', 'aws:PrincipalOrgID'],
  ['eventSourceToken', 'StringEquals', 'lambda:EventSourceToken'],
  ['functionUrlAuthType', 'StringEquals', 'lambda:FunctionUrlAuthType'],
  ['profileVersion', 'StringEquals', 'signer:ProfileVersion'],
];

function readCondition(event: CloudTrailEvent, fields: StatementFields): object | undefined {
  const condition: Record<string, Record<string, string>> = {};
  for (const [field, operator, key] of CONDITION_FIELDS) {
    const value = text(event, field);
    if (value !== undefined) condition[operator] = { ...condition[operator], [key]: value };
  }
  const given = fields === 'events' ? readPath(event, 'request.condition') : undefined;
  const operator = boundedText(readMember(given, 'type'));
  const key = boundedText(readMember(given, 'key'));
  const value = boundedText(readMember(given, 'value'));
  // `__proto__` as an operator would set a prototype instead of a member.
  if (
    operator !== undefined &&
    /^\w{1,64}$/.test(operator) &&
    !operator.startsWith('_') &&
    key !== undefined
  ) {
    condition[operator] = { ...condition[operator], [key]: value ?? '' };
  }
  return Object.keys(condition).length === 0 ? undefined : condition;
}

function text(event: CloudTrailEvent, name: string): string | undefined {
  return boundedText(readPath(event, `request.${name}`));
}

function list(event: CloudTrailEvent, names: readonly string[]): string[] {
  for (const name of names) {
    const value = readPath(event, `request.${name}`);
    const items = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [value];
    const texts = items
      .slice(0, MAX_LIST)
      .map(boundedText)
      .filter((item) => item !== undefined);
    if (texts.length > 0) return texts;
  }
  return [];
}

function isServiceHost(principal: string): boolean {
  return /^[a-z0-9.-]{1,100}\.amazonaws\.com(?:\.cn)?$/.test(principal);
}
