import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadActions } from '../../src/knowledge/actions.ts';
import { projectPath } from '../../src/project-path.ts';
import { type Figure, median } from './result.ts';

/** From starting the process to listening; loading the data; memory with everything loaded. */

const STARTS = 5;

export async function run(): Promise<readonly Figure[]> {
  const seconds: number[] = [];
  let resident = 0;
  for (let i = 0; i < STARTS; i++) {
    const started = performance.now();
    const child = startServer();
    const [message] = (await once(child, 'message')) as [{ port: number }];
    seconds.push((performance.now() - started) / 1000);
    const metrics = await (await fetch(`http://127.0.0.1:${message.port}/metrics`)).text();
    resident = Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1]);
    child.kill();
    await once(child, 'exit');
  }
  const loads = Array.from({ length: STARTS }, () => {
    const started = performance.now();
    loadActions();
    return performance.now() - started;
  });
  return [
    { name: 'start to ready', value: median(seconds), unit: 's', note: 'budget: under 1 s' },
    {
      name: 'resident memory, knowledge loaded',
      value: resident / 1e6,
      unit: 'MB',
      note: 'budget: under 200 MB',
    },
    {
      name: 'data/actions.json',
      value: readFileSync(projectPath('data/actions.json')).length / 1e3,
      unit: 'kB',
      note: 'budget: under 900 kB',
    },
    { name: 'loading it', value: median(loads), unit: 'ms', note: 'budget: under 50 ms' },
  ];
}

function startServer(): ChildProcess {
  const extension = import.meta.filename.endsWith('.ts') ? '.ts' : '.js';
  return fork(join(import.meta.dirname, `detrails-server${extension}`), { execArgv: [] });
}
