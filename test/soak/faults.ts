import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { sampleRecord } from '../helpers/sample-record.ts';
import { open } from './hostile.ts';
import { type Service, startService } from './service.ts';

/** Faults that need a process or an app of their own. Each answers `survived`, or what went wrong. */

const DAY = 86_400_000;

/** The wall clock jumps by years, backwards and forwards, between requests. */
export async function jumpsClock(): Promise<string> {
  let now = Date.UTC(2026, 2, 4);
  const app = await buildApp(loadConfig({}), { now: () => now });
  try {
    for (const jump of [0, DAY, -2 * DAY, 400 * DAY, -4000 * DAY, -now, 1e15]) {
      now += jump;
      const answer = await app.inject({
        method: 'POST',
        url: '/v1/enrich',
        headers: { 'content-type': 'application/json' },
        payload: sampleRecord(1),
      });
      if (answer.statusCode !== 200) return `answered ${answer.statusCode} after a jump by ${jump}`;
      const { detrails } = JSON.parse(answer.body) as { detrails?: { error?: unknown } };
      if (detrails === undefined || detrails.error !== undefined)
        return `a record was not enriched after ${jump}`;
    }
    return 'survived';
  } finally {
    await app.close();
  }
}

/** More connections than the process has file descriptors. */
export async function runsOutOfDescriptors(port: number): Promise<string> {
  const service = await startService({ port, prelude: 'ulimit -n 64;' });
  try {
    const sockets = await Promise.all(Array.from({ length: 120 }, () => open(port)));
    for (const socket of sockets) socket.destroy();
    return await stillAnswers(service);
  } finally {
    await service.stop('SIGKILL');
  }
}

/** Every write of the log fails. */
export async function runsOutOfDisk(port: number): Promise<string> {
  let service: Service;
  try {
    service = await startService({ port, log: '/dev/full', environment: { DETRAILS_LOG_LEVEL: 'trace' } });
  } catch (error) {
    return `did not start: ${String(error).slice(0, 600)}`;
  }
  try {
    return await stillAnswers(service);
  } finally {
    await service.stop('SIGKILL');
  }
}

async function stillAnswers(service: Service): Promise<string> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if (service.exitCode() !== null) return `the process ended: ${service.log().slice(-600)}`;
    try {
      const answer = await fetch(`http://127.0.0.1:${service.port}/v1/enrich`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: sampleRecord(1),
      });
      if (answer.status === 200) return 'survived';
    } catch {
      // Not yet: descriptors come back when the kernel has closed what was open.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return 'does not answer any more';
}
