import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { TestServer } from '../store/redis-server.ts';
import {
  abortsAnswer,
  abortsBody,
  babbles,
  bombs,
  floodsPolicies,
  type Hostile,
  halfCloses,
  open,
  truncates,
} from './hostile.ts';
import type { Service } from './service.ts';

/** What a fault may touch. */
export type Stage = {
  readonly service: Service;
  /** Absent where no server is installed. */
  readonly store: TestServer | undefined;
  /** Statuses that hostile clients got, by kind of client. */
  readonly hostile: Map<string, Map<number, number>>;
};

/** Something that breaks around the service for a while. */
export type Fault = {
  readonly name: string;
  readonly needsStore?: true;
  /** Breaks it, and holds it broken until about `ms` milliseconds have passed, and mends it. */
  readonly during: (stage: Stage, ms: number) => Promise<void>;
};

/** Descriptors left to a process that runs out of them, and connections that are then tried. */
const SPARE_DESCRIPTORS = 8;
const MANY_CONNECTIONS = 100;
const CLOCK_JUMPS = 5;
/** The connections that a process without descriptors closed at once. */
export const BEYOND_DESCRIPTORS = 'beyond the descriptors';

/** All but the restart and the full disk, which need a process to end. */
export const FAULTS: readonly Fault[] = [
  { name: 'clients hang up', during: attack([abortsBody, abortsAnswer]) },
  { name: 'half-closed sockets', during: attack([halfCloses]) },
  { name: 'truncated bodies, no HTTP', during: attack([truncates, babbles]) },
  { name: 'gzip bombs', during: attack([bombs]) },
  { name: 'policies made to take long', during: attack([floodsPolicies]) },
  {
    name: 'wall clock jumps by years',
    during: async ({ service }, ms) => {
      for (let jump = 0; jump < CLOCK_JUMPS; jump += 1) {
        service.signal('SIGWINCH');
        await wait(ms / CLOCK_JUMPS);
      }
    },
  },
  { name: 'file descriptors run out', during: runOutOfDescriptors },
  {
    name: 'shared store paused',
    needsStore: true,
    during: async ({ store }, ms) => {
      process.kill(store?.pid ?? 0, 'SIGSTOP');
      await wait(ms);
      process.kill(store?.pid ?? 0, 'SIGCONT');
    },
  },
  {
    name: 'shared store killed',
    needsStore: true,
    during: async ({ store }, ms) => {
      await store?.kill();
      await wait(ms);
      await store?.start();
    },
  },
];

/** What each hostile client may be answered; 0 when the connection ended without an answer. */
export const HOSTILE_ANSWERS: Readonly<Record<string, readonly number[]>> = {
  abortsBody: [0],
  abortsAnswer: [0],
  halfCloses: [200],
  truncates: [0, 400],
  bombs: [413],
  babbles: [0, 400],
  floodsPolicies: [200],
  [BEYOND_DESCRIPTORS]: [0],
};

/** Hostile clients of these kinds, one after the other. */
function attack(kinds: readonly Hostile[]): Fault['during'] {
  return async ({ service, hostile }, ms) => {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      for (const kind of kinds) {
        const status = await kind(service.port);
        const statuses = hostile.get(kind.name) ?? new Map<number, number>();
        hostile.set(kind.name, statuses.set(status, (statuses.get(status) ?? 0) + 1));
      }
      await wait(20);
    }
  };
}

/**
 * Lowers the limit of the running process to what it has open and a little, and connects more often than that.
 * Connections of before go on.
 */
async function runOutOfDescriptors({ service, hostile }: Stage, ms: number): Promise<void> {
  const before = limitOf(service.pid);
  const opened = readdirSync(`/proc/${service.pid}/fd`).length;
  setLimit(service.pid, `${opened + SPARE_DESCRIPTORS}:`);
  let sockets: readonly Socket[] = [];
  try {
    sockets = await Promise.all(Array.from({ length: MANY_CONNECTIONS }, () => open(service.port)));
    let refused = 0;
    for (const socket of sockets) {
      if (socket.destroyed) refused += 1;
      else socket.once('end', () => (refused += 1)).resume();
    }
    await wait(ms);
    hostile.set(BEYOND_DESCRIPTORS, new Map([[0, refused]]));
  } finally {
    for (const socket of sockets) socket.destroy();
    setLimit(service.pid, `${before}:`);
  }
}

function limitOf(pid: number): string {
  const output = execFileSync('prlimit', ['--pid', String(pid), '--nofile', '--output=SOFT', '--noheadings']);
  return output.toString().trim();
}

function setLimit(pid: number, limit: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${limit}`]);
}
