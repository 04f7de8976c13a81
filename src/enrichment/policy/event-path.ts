import type { CloudTrailEvent } from '../../cloudtrail/event.ts';
import { presentString, readMember } from '../../cloudtrail/json.ts';
import { partitionOf } from './policy-arn.ts';

/** Longest name or ARN that is read from an event, in characters. */
const MAX_TEXT_LENGTH = 2048;

/** The value at a path such as `request.policyDocument`; see {@link PolicyEvent} for the rules. */
export function readPath(event: CloudTrailEvent, path: string): unknown {
  const { isResponse, steps } = pathOf(path);
  let value: unknown = isResponse ? event.responseElements : event.requestParameters;
  for (const [key, otherCase] of steps) {
    if (value === undefined) return undefined;
    const found = readMember(value, key);
    value = found === undefined ? readMember(value, otherCase) : found;
  }
  return value ?? undefined;
}

/** A path taken apart: below the request or the response, each step in the two cases AWS writes it in. */
type Path = {
  readonly isResponse: boolean;
  readonly steps: readonly (readonly [key: string, otherCase: string])[];
};

/** Paths come from our own tables, so there are only so many. */
const paths = new Map<string, Path>();

function pathOf(text: string): Path {
  let path = paths.get(text);
  if (path === undefined) {
    const [root, ...steps] = text.split('.');
    path = { isResponse: root === 'response', steps: steps.map((step) => [step, toggleFirst(step)]) };
    paths.set(text, path);
  }
  return path;
}

/** The first text among `paths`, bounded in length. */
export function readText(event: CloudTrailEvent, paths: readonly string[] | undefined): string | undefined {
  for (const path of paths ?? []) {
    const text = boundedText(readPath(event, path));
    if (text !== undefined) return text;
  }
  return undefined;
}

/** The first template whose every placeholder the event fills; a path without braces is its own value. */
export function fillTemplates(
  event: CloudTrailEvent,
  templates: readonly string[] | undefined,
): string | undefined {
  for (const template of templates ?? []) {
    const text = template.includes('{') ? fillTemplate(event, template) : readText(event, [template]);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** `value` when it is text of a sensible length. */
export function boundedText(value: unknown): string | undefined {
  const text = presentString(value);
  return text !== undefined && text.length <= MAX_TEXT_LENGTH ? text : undefined;
}

function fillTemplate(event: CloudTrailEvent, template: string): string | undefined {
  let filled = '';
  let position = 0;
  for (let open = template.indexOf('{'); open >= 0; open = template.indexOf('{', position)) {
    const close = template.indexOf('}', open);
    const value = placeholder(event, template.slice(open + 1, close));
    if (value === undefined) return undefined;
    if (value.startsWith('arn:')) return value;
    filled += template.slice(position, open) + value;
    position = close + 1;
  }
  return filled + template.slice(position);
}

function placeholder(event: CloudTrailEvent, name: string): string | undefined {
  switch (name) {
    case 'partition':
      return partitionOf(event.awsRegion);
    case 'region':
      return event.awsRegion;
    case 'account':
      return event.recipientAccountId;
    case 'queue':
      return queueArn(event);
    default:
      return boundedText(readPath(event, name));
  }
}

/** `https://sqs.<region>.amazonaws.com/<account>/<name>` as the queue's ARN. */
function queueArn(event: CloudTrailEvent): string | undefined {
  const url = readText(event, ['request.queueUrl', 'response.queueUrl']);
  const [, account, name] = /^https?:\/\/[^/]{1,200}\/(\d{12})\/([^/]{1,100})$/.exec(url ?? '') ?? [];
  if (account === undefined || name === undefined || event.awsRegion === undefined) return undefined;
  return `arn:${partitionOf(event.awsRegion)}:sqs:${event.awsRegion}:${account}:${name}`;
}

function toggleFirst(key: string): string {
  const first = key.charAt(0);
  const lower = first.toLowerCase();
  return (first === lower ? first.toUpperCase() : lower) + key.slice(1);
}
