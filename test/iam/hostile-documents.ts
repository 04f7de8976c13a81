import type { ActionCatalog } from '../../src/iam/catalog.ts';

/** Documents of up to 32 KB made to take long, as text. */
export function hostileDocuments(catalog: ActionCatalog): ReadonlyMap<string, string> {
  const services = [...catalog.services.keys()];
  const all = { Effect: 'Allow', Action: '*', Resource: '*' };
  const list = (length: number, make: (i: number) => unknown): unknown[] =>
    Array.from({ length }, (_, i) => make(i));
  const service = (i: number): string => services[i % services.length] ?? '';
  const letters = (i: number): string =>
    [...i.toString(26)].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join('*');
  const account = (i: number): string => String(100_000_000_000 + i);
  const documents: { readonly [name: string]: unknown } = {
    '25 statements of everything': { Statement: list(25, () => all) },
    '450 statements of everything': { Statement: list(450, () => all) },
    '549 patterns over every service': {
      Statement: { ...all, Action: list(549, (i) => `*:*${letters(i)}*`) },
    },
    '1,000 question marks': {
      Statement: { ...all, Action: list(1_000, (i) => `*:${'?'.repeat(i % 40)}*e`) },
    },
    'one pattern of 30 KB': { Statement: { ...all, Action: `*:${'*a'.repeat(15_000)}` } },
    '700 open ARNs': { Statement: { ...all, Resource: list(700, (i) => `arn:aws:*:*:*:*${i}*a*b*`) } },
    '600 services by ARN': {
      Statement: { ...all, Resource: list(600, (i) => `arn:aws:${service(i)}:*:*:*`) },
    },
    '200 statements over every type': {
      Statement: list(200, (i) => ({ ...all, Resource: ['arn:aws:ec2:*:*:*', `arn:aws:s${i}:*`] })),
    },
    '400 NotActions': {
      Statement: list(400, (i) => ({ Effect: 'Allow', NotAction: `${service(i)}:*`, Resource: '*' })),
    },
    '240 conditions': {
      Statement: list(240, (i) => ({
        Effect: 'Allow',
        NotAction: `${service(i)}:*`,
        Resource: '*',
        Condition: { StringEquals: { 'aws:x': `${i}` } },
      })),
    },
    '400 NotResources': {
      Statement: list(400, (i) => ({
        Effect: 'Allow',
        Action: `${service(i)}:*`,
        NotResource: `arn:aws:s3:::b${i}`,
      })),
    },
    '300 Denies but for a resource': {
      Statement: [
        all,
        ...list(300, (i) => ({
          Effect: 'Deny',
          NotAction: `${service(i)}:*`,
          NotResource: `arn:aws:s3:::b${i}`,
        })),
      ],
    },
    '1,400 actions by name': { Statement: { ...all, Action: catalog.names.slice(0, 1_000) } },
    '300 principals': {
      Statement: list(300, (i) => ({
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: account(i) },
      })),
    },
    '1,200 principals on 400 resources': {
      Statement: {
        Effect: 'Allow',
        Action: '*',
        Principal: { AWS: list(1_200, account) },
        Resource: list(400, (i) => `arn:aws:s3:::b${i}`),
      },
    },
    '150 principals under 150 Denies': {
      Statement: [
        ...list(150, (i) => ({ Effect: 'Allow', Action: 'sts:*', Principal: { AWS: account(i) } })),
        ...list(150, () => ({
          Effect: 'Deny',
          Action: 'sts:*',
          Principal: '*',
          Condition: { StringEquals: { a: 'b' } },
        })),
      ],
    },
    'a long resource under a long pattern': {
      Statement: [
        { Effect: 'Allow', Action: 's3:*', Principal: '*', Resource: `arn:aws:s3:::${'a'.repeat(14_000)}` },
        { Effect: 'Deny', Action: 's3:*', Principal: '*', Resource: `arn:aws:s3:::*${'a'.repeat(13_000)}b` },
      ],
    },
  };
  const texts = new Map(
    Object.entries(documents).map(([name, document]) => [name, JSON.stringify(document)]),
  );
  texts.set('a tower of brackets', '['.repeat(16_000) + ']'.repeat(16_000));
  texts.set(
    '400 members written twice',
    `{"Statement":[${'{"Effect":"Allow","Effect":"Allow","Action":"*","Resource":"*"},'.repeat(400)}{}]}`,
  );
  return texts;
}
