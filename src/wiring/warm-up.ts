import { setImmediate } from 'node:timers/promises';
import type { PolicyKnowledge } from '../iam/analysis.ts';
import { analyzePolicy } from '../iam/analyze-policy.ts';

/** Rounds after which the engine has compiled what is hot. */
const ROUNDS = 20;

/** Documents that between them go through every part of the analysis. */
const DOCUMENTS: readonly unknown[] = [
  {
    Statement: [
      {
        Effect: 'Allow',
        Action: ['*:*a*', '*:??*e', 's3:Get*', 'iam:PassRole'],
        Resource: ['arn:aws:*:*:*:*a*', 'arn:aws:s3:::b/*'],
      },
      {
        Effect: 'Allow',
        NotAction: 'iam:*',
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-central-1' } },
      },
      { Effect: 'Allow', Action: 'ec2:*', NotResource: 'arn:aws:s3:::b' },
      { Effect: 'Deny', NotAction: 's3:*', NotResource: 'arn:aws:iam::*:role/*' },
      { Effect: 'Deny', Action: '*:D*e', Resource: '*' },
    ],
  },
  {
    Statement: [
      {
        Effect: 'Allow',
        Action: '*',
        Principal: { AWS: ['111122223333', '*'] },
        Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'],
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
      },
      {
        Effect: 'Deny',
        Action: 's3:*',
        Principal: '*',
        Resource: 'arn:aws:s3:::*',
        Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } },
      },
    ],
  },
  { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } } },
  { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
];

/**
 * Analyzes some policies once the service listens, a few milliseconds at a time: in a cold process a document
 * made to take long takes three times as long as ever after, and everybody else's requests would wait for it.
 */
export async function warmUp(knowledge: PolicyKnowledge): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const document of DOCUMENTS) {
      analyzePolicy(JSON.stringify(document), { accountId: '111122223333' }, knowledge);
      await setImmediate();
    }
  }
}
