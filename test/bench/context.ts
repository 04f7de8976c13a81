import { eventFromObject } from '../../src/cloudtrail/event.ts';
import { buildCidrTable } from '../../src/context/cidr-table.ts';
import { parseAddress, parseCidr } from '../../src/context/ip.ts';
import { parseCompanyFile } from '../../src/context/parse-company-file.ts';
import { buildSnapshot } from '../../src/context/snapshot.ts';
import { buildToolKnowledge } from '../../src/context/tools.ts';
import { readVendors } from '../../src/context/vendors.ts';
import { enrichContext } from '../../src/enrichment/context.ts';
import { enrichTool } from '../../src/enrichment/tool.ts';
import { readDataFile } from '../../src/knowledge/data-file.ts';

type Measure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly note?: string;
};

/** Look-ups of networks and principals must not grow with the company file; agents must be cheap when seen. */
export async function run(): Promise<Measure[]> {
  return [...cidrLookups(), ...tools(), ...events(), companyFile()];
}

const CALLS = 200_000;

function cidrLookups(): Measure[] {
  const addresses = Array.from({ length: 1024 }, (_, at) =>
    parseAddress(`10.${at % 40}.${at & 255}.9`),
  ).filter((address) => address !== undefined);
  return [10, 10_000].map((count) => {
    const networks = cidrs(count).map((text) => [parseCidr(text), text] as const);
    const table = buildCidrTable(
      networks.flatMap(([cidr, text]) => (cidr === undefined ? [] : [[cidr, text] as const])),
    );
    const value = nanoseconds(CALLS, (call) => table.lookup(addresses[call & 1023] ?? new Uint8Array(4)));
    return {
      name: `network of an address, ${count} networks`,
      value,
      unit: 'ns',
      note: 'parsed address, no memory',
    };
  });
}

function tools(): Measure[] {
  const file = readDataFile('tools.json');
  const agent = (at: number): string =>
    `APN/1.0 HashiCorp/1.0 Terraform/1.1.${at} (+https://www.terraform.io) terraform-provider-aws/3.76.1 aws-sdk-go/1.44.157 (go1.19.3; linux; amd64)`;
  const warm = buildToolKnowledge(file);
  const agents = Array.from({ length: 256 }, (_, at) => agent(at));
  for (const each of agents) enrichTool(each, warm);
  const cold = buildToolKnowledge(file);
  return [
    {
      name: 'tool of an agent seen before',
      value: nanoseconds(CALLS, (call) => enrichTool(agents[call & 255], warm)),
      unit: 'ns',
    },
    {
      name: 'tool of an agent never seen',
      value: nanoseconds(20_000, (call) => enrichTool(agent(call), cold)),
      unit: 'ns',
    },
    {
      name: 'no tool of a hostile agent of 1 KiB never seen',
      value: nanoseconds(5000, (call) => enrichTool(`${call}${'console/'.repeat(127)}`, cold)),
      unit: 'ns',
    },
  ];
}

function events(): Measure[] {
  const parts = {
    vendors: readVendors(readDataFile('vendors.json')),
    tools: buildToolKnowledge(readDataFile('tools.json')),
  };
  const measures = [10, 10_000].flatMap((count) => {
    const file = parseCompanyFile(companyText(count), 'yaml');
    if (!file.ok) throw new Error('the company of the bench is broken');
    const snapshot = buildSnapshot({ ...parts, company: file.company });
    const known = Array.from({ length: 256 }, (_, at) => event(`10.0.${at}.9`, `s${at}`));
    const fresh = Array.from({ length: 20_000 }, (_, at) => event(`10.${at >> 8}.${at & 255}.7`, `f${at}`));
    for (const each of known) enrichContext(each, snapshot);
    return [
      {
        name: `context of an event, ${count} networks and roles`,
        value: nanoseconds(CALLS, (call) => enrichContext(known[call & 255] ?? event('', ''), snapshot)),
        unit: 'ns',
      },
      {
        name: `the same, address and session never seen`,
        value: nanoseconds(20_000, (call) => enrichContext(fresh[call] ?? event('', ''), snapshot)),
        unit: 'ns',
      },
    ];
  });
  const bare = buildSnapshot(parts);
  const plain = event('192.0.2.1', 'x');
  return [
    ...measures,
    {
      name: 'context of an event, nothing configured',
      value: nanoseconds(CALLS, () => enrichContext(plain, bare)),
      unit: 'ns',
    },
  ];
}

function companyFile(): Measure {
  const text = companyText(10_000);
  const start = process.hrtime.bigint();
  parseCompanyFile(text, 'yaml');
  const value = Number(process.hrtime.bigint() - start) / 1e6;
  return {
    name: 'reading a company file of 10,000 networks and 10,000 roles',
    value: Math.round(value),
    unit: 'ms',
    note: 'in a thread of its own',
  };
}

function cidrs(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`);
}

function companyText(count: number): string {
  const networks = cidrs(count).map((cidr, at) => `- {name: n${at}, cidr: ${cidr}, trusted: true}\n`);
  const roles = cidrs(count).map(
    (_, at) => `- {name: r${at}, arn: "arn:aws:iam::111122223333:role/r${at}-*"}\n`,
  );
  return `accounts:\n- {id: "111122223333", name: a}\nnetworks:\n${networks.join('')}principals:\n${roles.join('')}`;
}

function event(source: string, session: string) {
  return eventFromObject({
    sourceIPAddress: source,
    recipientAccountId: '111122223333',
    userIdentity: {
      type: 'AssumedRole',
      accountId: '111122223333',
      arn: `arn:aws:sts::111122223333:assumed-role/r7-x/${session}`,
      sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::111122223333:role/r7-x' } },
    },
  });
}

/** Mean time per call, after a round that nobody counts. */
function nanoseconds(calls: number, call: (index: number) => unknown): number {
  for (let index = 0; index < Math.min(calls, 2000); index += 1) call(index);
  const start = process.hrtime.bigint();
  for (let index = 0; index < calls; index += 1) call(index);
  return Math.round(Number(process.hrtime.bigint() - start) / calls);
}
