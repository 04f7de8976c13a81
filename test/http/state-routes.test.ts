import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sessionSchema } from '../../src/enrichment/output.ts';
import { assertNothingEmpty } from '../helpers/nothing-empty.ts';
import { buildTestApp } from '../helpers/test-app.ts';
import { issueRecord, keyId, useRecord } from '../sessions/records.ts';
import { projectRoot } from '../shared.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

async function appWithSession(t: TestContext) {
  const app = await buildTestApp(t);
  const records = [
    issueRecord({ key: 'K', source: '198.51.100.7' }),
    useRecord({ key: 'K', source: '198.51.100.7' }),
    useRecord({ key: 'K', source: '203.0.113.9', agent: 'Boto3/1.34' }),
  ];
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/enrich',
    headers: JSON_TYPE,
    payload: JSON.stringify(records),
  });
  assert.equal(answer.headers['detrails-records'], '3');
  return app;
}

test('answers origin, verdict and sources of a key that was seen', async (t) => {
  const app = await appWithSession(t);

  const answer = await app.inject(`/v1/sessions/${keyId('K')}`);

  assert.equal(answer.statusCode, 200, answer.body);
  const session = sessionSchema.parse(answer.json());
  assert.equal(session.status, 'linked');
  assert.equal(session.verdict, 'different_source');
  assert.equal(session.fidelity, 'high');
  assert.equal(session.origin?.source, '198.51.100.7');
  assert.equal(session.origin?.event_id, 'issue-K');
  assert.deepEqual(session.sources?.map(({ source }) => source).sort(), ['198.51.100.7', '203.0.113.9']);
  assertNothingEmpty(session);
  assert.ok(!answer.body.includes('hidden'), 'the session token is not in the answer');
});

test('does not know keys that were not seen, and refuses what is no temporary key', async (t) => {
  const app = await appWithSession(t);

  const unseen = await app.inject(`/v1/sessions/${keyId('NEVER')}`);
  assert.equal(unseen.statusCode, 404);
  assert.equal(unseen.json<{ code: string }>().code, 'not_found');
  assert.ok(!unseen.body.includes(keyId('NEVER')));

  for (const id of ['AKIAIOSFODNN7EXAMPLE', 'ASIA', keyId('K').toLowerCase(), 'ASIA%2A%2A%2A%2A', '%00']) {
    const refused = await app.inject(`/v1/sessions/${id}`);
    assert.equal(refused.statusCode, 400, id);
    assert.equal(refused.headers['content-type'], 'application/problem+json');
    assert.ok(id === 'ASIA' || !refused.body.includes(id), refused.body);
  }
});

test('answers what is known of an operation: actions, techniques, risk and data versions', async (t) => {
  const app = await buildTestApp(t);

  const answer = await app.inject('/v1/actions/iam.amazonaws.com/AttachUserPolicy');

  assert.equal(answer.statusCode, 200, answer.body);
  const action = answer.json<Record<string, unknown>>();
  assert.equal(action['service'], 'iam');
  assert.deepEqual(action['iam'], ['iam:AttachUserPolicy']);
  assert.equal(action['access_level'], 'Permissions management');
  assert.match(JSON.stringify(action['attack']), /"id":"T1098/);
  assert.match(JSON.stringify(action['risk']), /privilege_escalation/);
  const data = action['data'] as Record<string, string>;
  assert.ok(Object.keys(data).length > 1, JSON.stringify(data));
  for (const [name, version] of Object.entries(data)) assert.match(version, /\S/, name);
  assertNothingEmpty(action);
});

test('finds an operation by host, label and API date alike', async (t) => {
  const app = await buildTestApp(t);
  const expected = (await app.inject('/v1/actions/lambda.amazonaws.com/CreateFunction20150331')).body;
  for (const path of ['lambda/CreateFunction20150331', 'lambda/CreateFunction']) {
    const found = await app.inject(`/v1/actions/${path}`);
    assert.deepEqual(withoutPath(found.body), withoutPath(expected), path);
  }
});

/** The description without the path that led to it. */
function withoutPath(body: string): Record<string, unknown> {
  const { resolved_by: path, ...description } = JSON.parse(body) as Record<string, unknown>;
  assert.ok(path === 'name' || path === 'suffix', String(path));
  return description;
}

test('does not know operations of nobody, nor names of prototypes', async (t) => {
  const app = await buildTestApp(t);
  for (const path of ['nobody.example/Nothing', 'constructor/constructor', '__proto__/toString']) {
    const answer = await app.inject(`/v1/actions/${path}`);
    assert.equal(answer.statusCode, 404, path);
    assert.equal(answer.json<{ code: string }>().code, 'not_found');
  }
});

test('documents the answers that it gives', async (t) => {
  const app = await appWithSession(t);
  const document = JSON.parse(readFileSync(join(projectRoot(), 'openapi', 'openapi.json'), 'utf8')) as Api;
  const analyzed = await app.inject({
    method: 'POST',
    url: '/v1/policies/analyze',
    headers: JSON_TYPE,
    payload: JSON.stringify({
      document: { Statement: [{ Effect: 'Allow', Action: 'iam:*', Resource: '*' }] },
      previous: { Statement: [{ Effect: 'Allow', Action: 'iam:Get*', Resource: '*' }] },
    }),
  });
  const answers = [
    ['/v1/policies/analyze', 'post', analyzed.json<unknown>()],
    ['/v1/sessions/{access_key_id}', 'get', (await app.inject(`/v1/sessions/${keyId('K')}`)).json<unknown>()],
    [
      '/v1/policies',
      'get',
      (await app.inject('/v1/policies?arn=arn:aws:iam::aws:policy/ReadOnlyAccess')).json<unknown>(),
    ],
    ['/v1/actions/{service}/{name}', 'get', (await app.inject('/v1/actions/iam/CreateUser')).json<unknown>()],
  ] as const;
  for (const [path, method, answer] of answers) {
    const schema = document.paths[path]?.[method]?.responses['200']?.content['application/json']?.schema;
    assert.ok(schema !== undefined, `${path} documents its answer`);
    assert.deepEqual(faultsOf(answer, schema, document, '$'), [], path);
    assert.notDeepEqual(faultsOf([], schema, document, '$'), [], `${path} accepts anything`);
  }
});

/** As much of JSON Schema as our document uses. */
type Schema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly exclusiveMinimum?: number;
};
type Api = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};
type Documented = {
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
};

/** Where a value is not what a schema says. */
function faultsOf(value: unknown, schema: Schema, api: Api, path: string): string[] {
  if (schema.$ref !== undefined) {
    const referred = api.components.schemas[schema.$ref.slice('#/components/schemas/'.length)];
    return referred === undefined ? [`${schema.$ref} is missing`] : faultsOf(value, referred, api, path);
  }
  if (schema.type !== undefined && !isOfType(value, schema.type)) return [`${path} is no ${schema.type}`];
  const faults: string[] = [];
  if (schema.enum !== undefined && !schema.enum.includes(value)) faults.push(`${path} is not in the enum`);
  if (schema.const !== undefined && schema.const !== value) faults.push(`${path} is not the constant`);
  if (typeof value === 'string' && value.length < (schema.minLength ?? 0)) faults.push(`${path} is short`);
  if (typeof value === 'number') {
    const { minimum = -Infinity, exclusiveMinimum = -Infinity, maximum = Infinity } = schema;
    if (value < minimum || value <= exclusiveMinimum || value > maximum) faults.push(`${path} is off`);
  }
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) faults.push(`${path} has too few`);
    const { items } = schema;
    if (items !== undefined) {
      faults.push(...value.flatMap((item, index) => faultsOf(item, items, api, `${path}[${index}]`)));
    }
    return faults;
  }
  if (typeof value !== 'object' || value === null) return faults;
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) faults.push(`${path}.${name} is missing`);
  }
  for (const [name, member] of Object.entries(value)) {
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    if (known === false) faults.push(`${path}.${name} is not documented`);
    else if (typeof known === 'object') faults.push(...faultsOf(member, known, api, `${path}.${name}`));
  }
  return faults;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
