/**
 * Documents of up to 128 KB, as text, in which two long lists meet: principals and conditions, resources and
 * conditions, Allows and Denies. Each once took up to seven seconds, since the work was the product of both
 * and was not counted. Kept for tests and benchmarks.
 */
export function productDocuments(): ReadonlyMap<string, string> {
  const assume = { Effect: 'Allow', Action: 'sts:AssumeRole' };
  const values = (length: number): unknown => ({ StringEquals: { 'aws:x': list(length, (i) => `v${i}`) } });
  const organization = (i: number): string => `o-${i}`;
  const documents: { readonly [name: string]: unknown } = {
    '3,000 principals under 9,000 values': {
      ...assume,
      Principal: { AWS: accounts(3_000) },
      Condition: values(9_000),
    },
    '4,000 principals under 2,500 conditions': {
      ...assume,
      Principal: { AWS: accounts(4_000) },
      Condition: Object.fromEntries(list(2_500, (i) => [`o${i}`, { a: 'b' }])),
    },
    '4,000 services for 2,000 accounts': {
      ...assume,
      Principal: { Service: list(4_000, (i) => `s${i}.amazonaws.com`) },
      Condition: { StringEquals: { 'aws:SourceAccount': accounts(2_000) } },
    },
    '3,000 providers under 3,000 subjects': {
      ...assume,
      Action: 'sts:AssumeRoleWithWebIdentity',
      Principal: { Federated: list(3_000, () => 'gitlab.com') },
      Condition: { StringLike: { 'gitlab.com:sub': list(3_000, (i) => `project_path:a/${i}`) } },
    },
    '200 principals under the guards of 80 Denies': [
      { ...assume, Principal: { AWS: accounts(200) } },
      ...list(80, (i) => ({
        Effect: 'Deny',
        Action: '*',
        Principal: { AWS: accounts(80).slice(0, i + 1) },
        Condition: { StringNotEquals: { 'aws:PrincipalOrgID': list(100, organization) } },
      })),
    ],
    '9,000 resources under 6,000 values': {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: list(9_000, (i) => `r${i}`),
      Condition: values(6_000),
    },
    '9,000 denied resources under 6,000 values': {
      Effect: 'Deny',
      Action: 's3:GetObject',
      Resource: list(9_000, (i) => `r${i}`),
      Condition: values(6_000),
    },
    '8,000 resources under 8,000 patterns': [
      { ...assume, Action: 's3:*', Principal: '*', Resource: list(8_000, () => 'a') },
      { Effect: 'Deny', Action: 's3:*', Principal: '*', Resource: [...list(8_000, (i) => `?${i}`), 'a*'] },
    ],
    '300 Allows under 300 Denies for all but one': [
      ...list(300, () => ({ ...assume, Action: 's3:*', Principal: '*', Resource: list(20, () => 'a') })),
      ...list(300, () => ({
        Effect: 'Deny',
        Action: 's3:*',
        NotPrincipal: { AWS: '111122223333' },
        Resource: ['b'],
      })),
    ],
    '10,000 services a role may be passed to': {
      Effect: 'Allow',
      Action: '*',
      Resource: '*',
      Condition: { StringLike: { 'iam:PassedToService': list(10_000, () => '*a*e*s*') } },
    },
  };
  return new Map(Object.entries(documents).map(([name, Statement]) => [name, JSON.stringify({ Statement })]));
}

/** So many account ids. */
export function accounts(length: number): string[] {
  return list(length, (i) => String(100_000_000_000 + i));
}

function list<Item>(length: number, make: (i: number) => Item): Item[] {
  return Array.from({ length }, (_, i) => make(i));
}
