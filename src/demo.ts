import { readFileSync } from 'node:fs';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';
import type { Detrails } from './enrichment/output.ts';
import { projectPath } from './project-path.ts';

/** `npm run demo`: the service on a free port, the sample file through it, the answers as a table. */

const SAMPLE = 'test/fixtures/cloudtrail-sample.json';
const COLUMNS = [22, 31, 24, 10, 32, 52] as const;

type Enriched = { eventTime: string; eventName: string; detrails?: Detrails };

const app = await buildApp(loadConfig({ DETRAILS_PORT: '0' }));
try {
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const response = await fetch(`${address}/v1/enrich`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: readFileSync(projectPath(SAMPLE)),
  });
  const { Records: records } = (await response.json()) as { Records: Enriched[] };
  print(`${SAMPLE} through POST ${address}/v1/enrich: ${response.headers.get('detrails-records')} records\n`);
  printRow(['time', 'event', 'access level', 'risk', 'ATT&CK', 'what stands out']);
  for (const record of records) printRow(rowOf(record));
  print('\nOne record, whole:\n');
  print(
    JSON.stringify(
      records.find((record) => record.eventName === 'SetDefaultPolicyVersion'),
      null,
      2,
    ),
  );
} finally {
  await app.close();
}

function rowOf({ eventTime, eventName, detrails }: Enriched): string[] {
  const { action, risk, attack, policy, session, tool } = detrails ?? {};
  const notes = [
    policy?.is_admin === true ? 'admin policy' : undefined,
    policy?.is_public === true ? 'public' : undefined,
    policy?.change === undefined ? undefined : `policy ${policy.change.verdict}`,
    session?.verdict === undefined || session.verdict === 'unknown' ? undefined : `key: ${session.verdict}`,
    action?.outcome === 'success' ? undefined : action?.outcome,
    tool === undefined || tool.kind === 'client' ? undefined : `tool: ${tool.name}`,
    ...(tool?.signals ?? []),
  ].filter((note) => note !== undefined);
  return [
    eventTime,
    eventName,
    action?.access_level ?? action?.reason ?? '-',
    risk?.level ?? '-',
    attack?.techniques?.map((technique) => technique.id).join(' ') ?? '-',
    notes.join(', '),
  ];
}

function printRow(cells: readonly string[]): void {
  print(
    cells
      .map((cell, column) => cell.slice(0, (COLUMNS[column] ?? 20) - 1).padEnd(COLUMNS[column] ?? 20))
      .join(''),
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
