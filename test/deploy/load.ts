import { readText } from './committed.ts';
import type { Cleanup } from './service-process.ts';

/** A client that posts one batch after the other. */
export type Load = {
  /** Where to: can change while it runs. */
  url: string;
  stop(): Promise<void>;
};

const PAUSE_MS = 50;

/**
 * Posts the sample file twenty times a second, each time with a record of an operation that nobody knows,
 * one that is no record, and a policy that only IAM could tell. Stops by itself after `mostRequests`.
 */
export function startLoad(t: Cleanup, url: string, mostRequests: number): Load {
  const { Records: records } = JSON.parse(readText('test/fixtures/cloudtrail-sample.json')) as {
    Records: object[];
  };
  // Twice, for more than the 16 KiB that never wait for admission.
  const body = JSON.stringify([...records, ...records, ...strange()]);
  let stopped = false;
  const load: Load = { url, stop: async () => {} };
  const run = async (): Promise<void> => {
    for (let sent = 0; sent < mostRequests && !stopped; sent += 1) {
      try {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`${load.url}/v1/enrich`, { method: 'POST', headers, body });
        await answer.arrayBuffer();
      } catch {
        // The service is being stopped or started: that is what some tests are about.
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const running = run();
  load.stop = async () => {
    stopped = true;
    await running;
  };
  t.after(load.stop);
  return load;
}

function strange(): readonly object[] {
  const record = {
    eventVersion: '1.11',
    eventTime: '2026-03-04T10:20:30Z',
    awsRegion: 'us-east-1',
    recipientAccountId: '123456789012',
    userIdentity: { type: 'IAMUser', accountId: '123456789012', userName: 'somebody' },
  };
  const attach = {
    ...record,
    eventSource: 'iam.amazonaws.com',
    eventName: 'AttachUserPolicy',
    eventID: '00000000-0000-4000-8000-000000000002',
    requestParameters: { userName: 'somebody', policyArn: 'arn:aws:iam::123456789012:policy/nobody-knows' },
  };
  const unknown = {
    ...record,
    eventSource: 'unheard-of.amazonaws.com',
    eventName: 'ConjureThing',
    readOnly: false,
    eventID: '00000000-0000-4000-8000-000000000001',
  };
  return [unknown, attach, { nothing: true }, { nothing: true }];
}
