import { z } from 'zod';
import { buildCidrTable, type CidrTable } from './cidr-table.ts';
import { type Cidr, parseCidr } from './ip.ts';

/** One of AWS's published ranges: the most telling service that has it, and its region. */
export type AwsRange = { readonly service: string; readonly region: string };

/** AWS's addresses. */
export type AwsRanges = CidrTable<AwsRange>;

const rangeSchema = z.object({
  ip_prefix: z.string().optional(),
  ipv6_prefix: z.string().optional(),
  region: z.string().max(64),
  service: z.string().max(64),
});
const fileSchema = z.object({
  prefixes: z.array(rangeSchema).max(100_000),
  ipv6_prefixes: z.array(rangeSchema).max(100_000),
});

/**
 * Reads AWS's `ip-ranges.json`. A range is listed once per service, always also as `AMAZON`: the other
 * name is kept. Undefined when the text is not such a file.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html
 */
export function parseAwsRanges(text: string): AwsRanges | undefined {
  const file = fileSchema.safeParse(parseJson(text));
  if (!file.success) return undefined;
  const general: [Cidr, AwsRange][] = [];
  const telling: [Cidr, AwsRange][] = [];
  for (const { ip_prefix, ipv6_prefix, region, service } of [
    ...file.data.prefixes,
    ...file.data.ipv6_prefixes,
  ]) {
    const cidr = parseCidr(ip_prefix ?? ipv6_prefix ?? '');
    if (cidr === undefined) return undefined;
    (service === 'AMAZON' ? general : telling).push([cidr, { region, service }]);
  }
  const table = buildCidrTable([...telling, ...general]);
  return table.size === 0 ? undefined : table;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
