import fc from 'fast-check';
import { issueRecord, serviceIssueRecord, useRecord } from '../sessions/records.ts';

/** Batches of records about the same few temporary keys, for properties. */

const SESSION = 'i-0123456789abcdef0';
/** Mostly one: a session that moves is a rare thing. */
const address = fc.constantFrom(1, 1, 1, 1, 2).map((last) => `198.51.100.${last}`);
const time = fc.constantFrom('2024-05-06T09:00:00Z', '2024-05-06T09:30:00Z', '2024-05-09T09:00:00Z');
/** What differs between two callers of one key: nothing that a trail shows, all that a forged one may. */
const identity = fc.constantFrom(
  {},
  { arn: 'arn:aws:sts::111122223333:assumed-role/admin/eve@example.com' },
  // Such a use is compared with the key's issue and not remembered.
  { type: 'IAMUser' },
);

const record = fc.oneof(
  { weight: 1, arbitrary: address.map((source) => issueRecord({ key: 'HUMAN', source })) },
  {
    weight: 1,
    arbitrary: address.map((source) => issueRecord({ key: 'CHAINED', source, callerKey: 'HUMAN' })),
  },
  {
    weight: 1,
    arbitrary: fc.constant(
      serviceIssueRecord({ key: 'INSTANCE', service: 'ec2.amazonaws.com', session: SESSION }),
    ),
  },
  {
    weight: 6,
    arbitrary: fc
      .record({
        key: fc.constantFrom('HUMAN', 'CHAINED', 'INSTANCE'),
        source: address,
        time,
        agent: fc.constantFrom('aws-cli/2.15.0', 'Boto3/1.34.84'),
        number: fc.nat(5),
        forged: identity,
      })
      .map(({ forged, number, ...parts }) => {
        const session = parts.key === 'INSTANCE' ? SESSION : 'work';
        const made = useRecord({ ...parts, session, id: `use-${number}` });
        return { ...made, userIdentity: { ...(made['userIdentity'] as object), ...forged } };
      }),
  },
);
/** Logs of few records that come again and again: most of them change nothing, and some one thing. */
export const sessionLogs = fc.array(record, { minLength: 3, maxLength: 12 }).chain((pool) =>
  fc.array(fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 4 }), {
    minLength: 4,
    maxLength: 16,
  }),
);
