import { readFileSync } from 'node:fs';
import { FILLER } from './filler.ts';
import { startServer } from './processes.ts';
import { type Figure, progress } from './result.ts';

/** Resident memory after 100,000 policies with a document each, as `CreatePolicy` tells of them. */

const POLICIES = 100_000;
const PER_FILE = 1000;
const MAX_BYTES = 2 * 1024 * 1024 * 1024;

export async function run(): Promise<readonly Figure[]> {
  const server = await startServer('detrails-server', {
    env: { DETRAILS_MEMORY_MAX_BYTES: String(MAX_BYTES) },
  });
  try {
    await createPolicies(server.url, -PER_FILE);
    const before = residentBytes(server.pid);
    for (let first = 0; first < POLICIES; first += PER_FILE) {
      await createPolicies(server.url, first);
      if ((first + PER_FILE) % 25_000 === 0) progress(`${first + PER_FILE} policies`);
    }
    const resident = residentBytes(server.pid);
    const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
    const metric = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1]);
    const entries = metric('detrails_cache_entries\\{cache="records"\\}');
    return [
      {
        name: `resident memory after ${POLICIES} policies`,
        value: resident / 1e6,
        unit: 'MB',
        note: `${Math.round(before / 1e6)} before; garbage included`,
      },
      { name: 'records remembered of them', value: entries, unit: 'records' },
      {
        name: 'memory per policy as the store counts it',
        value: metric('detrails_cache_bytes\\{cache="records"\\}') / POLICIES,
        unit: 'bytes',
      },
    ];
  } finally {
    await server.stop();
  }
}

async function createPolicies(url: string, first: number): Promise<void> {
  const records = Array.from({ length: PER_FILE }, (_, i) => createPolicy(first + i));
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Records: records }),
  });
  if (answer.headers.get('detrails-records') !== String(PER_FILE)) throw new Error('policies were refused');
  await answer.arrayBuffer();
}

function createPolicy(number: number): object {
  const name = `bench-${number}`;
  const arn = `arn:aws:iam::637129261941:policy/${name}`;
  const document = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: `arn:aws:s3:::bucket-${number}/*`,
      },
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' },
    ],
  };
  return {
    eventVersion: '1.11',
    eventSource: 'iam.amazonaws.com',
    eventName: 'CreatePolicy',
    eventTime: '2026-03-04T09:00:00Z',
    eventID: `policy-${number}`,
    sourceIPAddress: '198.51.100.1',
    userIdentity: FILLER,
    requestParameters: { policyName: name, policyDocument: JSON.stringify(document) },
    responseElements: { policy: { policyName: name, arn, defaultVersionId: 'v1' } },
    recipientAccountId: '637129261941',
  };
}

/** As the kernel says. */
function residentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}
