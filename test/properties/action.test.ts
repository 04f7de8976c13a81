import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { enrichAction } from '../../src/enrichment/action.ts';
import { explainAction } from '../../src/enrichment/explain-action.ts';
import { actionSchema } from '../../src/enrichment/output.ts';
import { loadActions } from '../../src/knowledge/actions.ts';
import { describeOperation } from '../../src/knowledge/describe-operation.ts';
import { stripApiDate } from '../../src/knowledge/resolve-operation.ts';

const actions = loadActions();

const hostile = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', '', ':', '%{[x]}', 'iam:CreateUser', '20150331'),
  fc.string({ unit: 'binary' }),
  fc.jsonValue(),
);
const source = fc.oneof(
  fc.constantFrom(
    's3.amazonaws.com',
    'signin.amazonaws.com',
    'autoscaling.amazonaws.com',
    'sso.amazonaws.com',
  ),
  hostile,
);
const name = fc.oneof(
  fc.constantFrom('GetObject', 'ConsoleLogin', 'PutScalingPolicy', 'CreateFunction20150331'),
  hostile,
);
const message = fc.oneof(
  hostile.map((value) => `User: u is not authorized to perform: ${JSON.stringify(value)} on resource: r`),
  fc.string().map((text) => `User: u is not authorized to perform: ${text} on resource: r`),
  hostile,
);
const record = fc.record(
  {
    eventSource: source,
    eventName: name,
    eventType: fc.oneof(fc.constantFrom('AwsApiCall', 'AwsServiceEvent', 'AwsConsoleAction'), hostile),
    errorCode: fc.oneof(fc.constantFrom('AccessDenied', 'Throttling'), hostile),
    errorMessage: message,
    readOnly: hostile,
    userIdentity: hostile,
    requestParameters: fc.oneof(fc.record({ serviceNamespace: hostile, versionId: hostile }), hostile),
    responseElements: hostile,
    serviceEventDetails: hostile,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

test('answers any record with a valid, reasoned and repeatable verdict', () => {
  fc.assert(
    fc.property(record, (input) => {
      const verdict = enrichAction(eventFromObject(input), actions);

      actionSchema.parse(verdict);
      const isAnswered = verdict.iam !== undefined && verdict.access_level !== undefined;
      assert.ok(isAnswered || verdict.reason !== undefined);
      assert.deepEqual(enrichAction(eventFromObject(structuredClone(input)), loadedAgain), verdict);
    }),
    { numRuns: 500 },
  );
});

/** A second snapshot, with nothing remembered: what was asked before must not change an answer. */
const loadedAgain = loadActions();

test('explains any record, and every step says what it found', () => {
  fc.assert(
    fc.property(record, (input) => {
      const { steps } = explainAction(eventFromObject(input), actions);

      assert.ok(steps.length > 0 && steps.every((step) => step.found !== ''));
      assert.ok(JSON.stringify(steps).length < 3_000);
    }),
  );
});

test('describes any operation it can resolve and no other', () => {
  const text = fc.oneof(fc.constantFrom('s3', 'GetObject', '__proto__', 'constructor'), fc.string());
  fc.assert(
    fc.property(text, text, (service, operation) => {
      const description = describeOperation(actions, service, operation);

      assert.ok(
        description === undefined || description.iam !== undefined || description.reason !== undefined,
      );
    }),
  );
});

test('finds every listed action by its own service and name', () => {
  const ids = fc.integer({ min: 0, max: actions.catalog.names.length - 1 });
  fc.assert(
    fc.property(ids, (id) => {
      const action = actions.catalog.names[id] ?? '';
      const [service = '', operation = ''] = action.split(':');
      const description = describeOperation(actions, service, operation);

      assert.ok(description, action);
      if (description.resolved_by === 'name') assert.deepEqual(description.iam, [action]);
    }),
    { numRuns: 1000 },
  );
});

test('never takes more off a name than one date', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,40}$/), (text) => {
      const stripped = stripApiDate(text);

      assert.ok(stripped !== '' && text.startsWith(stripped) && text.length - stripped.length <= 11);
    }),
  );
});
