import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import { isObject, presentBoolean, readBoolean, readMember } from '../../cloudtrail/json.ts';
import { canonicalTime } from '../../sessions/event-time.ts';
import { buildStatement } from './built-statement.ts';
import { boundedText, fillTemplates, readPath, readText } from './event-path.ts';
import { carriedLifeKey, managedLifeKey, storable } from './life-record.ts';
import { isAccountId, parseManagedArn } from './policy-arn.ts';
import type { PolicyEvent } from './policy-event.ts';
import type { LifeKind, PolicySubject, SubjectDocument } from './subject.ts';

const MAX_REFERENCES = 10;
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';
const ABSENT: SubjectDocument = Object.freeze({ state: 'absent' });
const NO_REFERENCES: readonly string[] = Object.freeze([]);

/**
 * Reads what `row` says about `event`; undefined when the call turns out to touch no policy (an
 * AssumeRole without a session policy, SetTopicAttributes of another attribute).
 */
export function readSubject(event: CloudTrailEvent, row: PolicyEvent): PolicySubject | undefined {
  const omitted = isOmitted(event);
  if (row.when !== undefined && !omitted && readPath(event, row.when.path) !== row.when.equals)
    return undefined;
  const references = row.references === undefined ? NO_REFERENCES : readReferences(event, row.references);
  const policyArn = fillTemplates(event, row.policyArn);
  const document = readDocument(event, row, omitted);
  if (row.optional && document.state === 'absent' && references.length === 0 && policyArn === undefined) {
    return undefined;
  }
  const owner = fillTemplates(event, row.owner);
  return buildSubject(event, row, { references, policyArn, owner, document });
}

type Parts = {
  readonly references: readonly string[];
  readonly policyArn: string | undefined;
  readonly owner: string | undefined;
  readonly document: SubjectDocument;
};

function buildSubject(event: CloudTrailEvent, row: PolicyEvent, parts: Parts): PolicySubject {
  const { policyArn, owner } = parts;
  const isResource = row.kind === 'resource';
  const version = readText(event, row.version) ?? (row.operation === 'create' ? 'v1' : undefined);
  const name = readText(event, row.policyName) ?? nameOf(policyArn);
  const arn = isResource ? owner : policyArn;
  const attachedTo = isResource ? undefined : owner;
  const time = canonicalTime(event.eventTime);
  const account = ownAccount(event);
  const life = lifeOf(row);
  const key = life === undefined ? undefined : lifeKeyOf(life, account, { policyArn, owner, name });
  return {
    operation: row.operation,
    kind: row.kind,
    document: parts.document,
    bringsDocument: row.documents !== undefined || row.statement !== undefined,
    setsDefault: setsDefault(event, row),
    isNew: row.isNew === true,
    failed: event.errorCode !== undefined,
    references: parts.references,
    eventId: storable(event.eventID ?? event.requestID),
    ...(arn !== undefined && { arn }),
    ...(version !== undefined && row.kind !== 'organization' && { version }),
    ...(name !== undefined && { name }),
    ...(attachedTo !== undefined && { attachedTo }),
    ...(time !== undefined && { time }),
    ...(account !== undefined && { account }),
    ...(life !== undefined && { life }),
    ...(key !== undefined && { lifeKey: key }),
  };
}

function readDocument(event: CloudTrailEvent, row: PolicyEvent, omitted: boolean): SubjectDocument {
  if (row.statement !== undefined) {
    const built = buildStatement(event, row.statement, fillTemplates(event, row.owner));
    if (built !== undefined) return { state: 'present', value: built };
    return omitted ? { state: 'omitted' } : ABSENT;
  }
  if (row.documents === undefined) return ABSENT;
  for (const path of row.documents) {
    const value = readPath(event, path);
    if (value === HIDDEN) return { state: 'hidden' };
    if (typeof value === 'string' ? boundedlyPresent(value) : isObject(value))
      return { state: 'present', value };
  }
  return omitted ? { state: 'omitted' } : ABSENT;
}

function boundedlyPresent(text: string): boolean {
  return text !== '' && text !== 'null' && !text.startsWith('%{');
}

/**
 * CloudTrail replaces request parameters of more than 100 KB by a stub. IAM does not count white space,
 * so a padded policy hides itself this way.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
function isOmitted(event: CloudTrailEvent): boolean {
  return presentBoolean(readMember(event.requestParameters, 'omitted')) === true;
}

/** `setAsDefault` of the request; the response's `isDefaultVersion` is AWS's own word and wins. */
function setsDefault(event: CloudTrailEvent, row: PolicyEvent): boolean {
  if (row.operation === 'create') return true;
  if (row.operation !== 'create_version') return false;
  const answered = presentBoolean(readPath(event, 'response.policyVersion.isDefaultVersion'));
  return answered ?? readBoolean(event.requestParameters, 'setAsDefault') ?? false;
}

function readReferences(event: CloudTrailEvent, paths: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const path of paths) {
    const value = readPath(event, path);
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const item of items.slice(0, MAX_REFERENCES)) {
      const arn = boundedText(item) ?? boundedText(readMember(item, 'arn'));
      if (arn !== undefined && parseManagedArn(arn) !== undefined) found.push(arn);
    }
  }
  return found.length === 0 ? NO_REFERENCES : found;
}

function lifeOf(row: PolicyEvent): LifeKind | undefined {
  if (row.kind === 'organization' || row.kind === 'session' || row.statement !== undefined) return undefined;
  if (row.operation === 'remove_permission') return undefined;
  if (row.operation === 'put_inline' || row.operation === 'delete_inline') return 'inline';
  if (row.kind === 'trust' || row.kind === 'resource') return row.kind;
  return row.policyArn === undefined ? undefined : 'managed';
}

/** Only policies that the receiving account can own have a life: its own managed ones, and AWS's to read. */
function lifeKeyOf(
  life: LifeKind,
  account: string | undefined,
  names: {
    readonly policyArn: string | undefined;
    readonly owner: string | undefined;
    readonly name: string | undefined;
  },
): string | undefined {
  const { policyArn, owner, name } = names;
  if (life === 'managed') {
    const parsed = policyArn === undefined ? undefined : parseManagedArn(policyArn);
    return policyArn === undefined || parsed === undefined ? undefined : managedLifeKey(policyArn);
  }
  if (account === undefined || owner === undefined) return undefined;
  return carriedLifeKey(life, account, owner, life === 'inline' ? (name ?? '') : '');
}

function nameOf(arn: string | undefined): string | undefined {
  return arn === undefined ? undefined : parseManagedArn(arn)?.name;
}

function ownAccount(event: CloudTrailEvent): string | undefined {
  const account = event.recipientAccountId;
  return account !== undefined && isAccountId(account) ? account : undefined;
}
