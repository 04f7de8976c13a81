import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { RecordGenerator } from './generate.ts';
import { type Figure, median } from './result.ts';

/** Time per byte from 10 to 10,000 records, and with an empty and a full store: both should be flat. */

const SIZES = [10, 100, 1000, 10_000];
const SESSIONS = 200_000;

export async function run(): Promise<readonly Figure[]> {
  const app = await buildApp(loadConfig({ DETRAILS_LOG_LEVEL: 'silent' }));
  const send = (body: Buffer) =>
    app.inject({
      method: 'POST',
      url: '/v1/enrich',
      headers: { 'content-type': 'application/json' },
      payload: body,
    });
  const nanosecondsPerByte = async (records: number, seed: number): Promise<number> => {
    const generator = new RecordGenerator(seed);
    const bodies = Array.from({ length: 4 }, () => generator.file(records));
    const rounds = Math.max(8, Math.ceil(4000 / records));
    const times: number[] = [];
    for (let round = 0; round < rounds * 2; round++) {
      const body = bodies[round % bodies.length] as Buffer;
      const started = performance.now();
      await send(body);
      if (round >= rounds) times.push(((performance.now() - started) * 1e6) / body.length);
    }
    return median(times);
  };
  try {
    for (let i = 0; i < 8; i++) await nanosecondsPerByte(1000, 7);
    const figures: Figure[] = [];
    let reference = Number.NaN;
    for (const records of SIZES) {
      const value = await nanosecondsPerByte(records, 7);
      if (records === 1000) reference = value;
      figures.push({ name: `time per byte, ${records} records`, value, unit: 'ns' });
    }
    await fill(send);
    const full = await nanosecondsPerByte(1000, 7);
    figures.push({
      name: `the same 1000 records after ${SESSIONS} further sessions`,
      value: full / reference,
      unit: 'x empty',
    });
    return figures;
  } finally {
    await app.close();
  }
}

/** Issues keys nobody uses again, until the store remembers that many sessions. */
async function fill(send: (body: Buffer) => Promise<unknown>): Promise<void> {
  const perFile = 2000;
  for (let file = 0; file < SESSIONS / perFile; file++) {
    const records = Array.from({ length: perFile }, (_, i) => {
      const number = file * perFile + i;
      const key = `ASIAFILL${String(number).padStart(12, '0')}`;
      return {
        eventVersion: '1.11',
        eventSource: 'sts.amazonaws.com',
        eventName: 'AssumeRole',
        eventTime: '2026-03-04T09:00:00Z',
        eventID: `fill-${number}`,
        sourceIPAddress: '198.51.100.1',
        userIdentity: {
          type: 'IAMUser',
          arn: 'arn:aws:iam::637129261941:user/filler',
          accountId: '637129261941',
          accessKeyId: 'AKIAFILLFILLFILL0000',
          userName: 'filler',
        },
        requestParameters: { roleArn: 'arn:aws:iam::637129261941:role/fill', roleSessionName: `s${number}` },
        responseElements: { credentials: { accessKeyId: key, expiration: 'Mar 4, 2026, 3:41:12 PM' } },
        recipientAccountId: '637129261941',
      };
    });
    await send(Buffer.from(JSON.stringify({ Records: records })));
  }
}
