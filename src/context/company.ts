import { z } from 'zod';
import { splitArn } from './arn-index.ts';
import { hasHostBits, parseCidr } from './ip.ts';

/**
 * What a company tells us about itself: the schema of the company file. Every scalar arrives as text (the
 * reader turns nothing into numbers, or account `012345678901` would lose its zero), so booleans are the
 * words `true` and `false`.
 */

/** Entries per list, and characters per text: the file is read by a service that must keep answering. */
export const COMPANY_LIMITS = {
  accounts: 100_000,
  networks: 100_000,
  principals: 20_000,
  text: 256,
} as const;

const text = z
  .string('must be text')
  .min(1, 'must not be empty')
  .max(COMPANY_LIMITS.text, `must be no longer than ${COMPANY_LIMITS.text} characters`)
  .regex(/^[^\p{Cc}]*$/u, 'must hold no control characters');

const accountId = z
  .string('must be a 12-digit account id')
  .regex(/^[0-9]{12}$/, 'must be a 12-digit account id');

const flag = z.enum(['true', 'false'], 'must be true or false').transform((word) => word === 'true');

const cidr = text.superRefine((value, context) => {
  const parsed = parseCidr(value);
  if (parsed === undefined) context.addIssue('must be a network such as 198.51.100.0/24 or 2001:db8::/32');
  else if (hasHostBits(parsed))
    context.addIssue('has address bits behind its prefix: write the first address');
});

const arnPattern = text
  .refine((value) => splitArn(value) !== undefined && value.startsWith('arn:'), {
    error: 'must be an ARN or an ARN pattern such as arn:aws:iam::123456789012:role/deploy-*',
  })
  .refine((value) => (value.match(/\*/g) ?? []).length <= 8, { error: 'must have at most 8 asterisks' });

/** One value or a list of them, read as a list. */
const oneOrMore = <Item extends z.ZodType<string>>(item: Item) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z
      .array(item, 'must be a value or a list')
      .min(1, 'must not be empty')
      .max(1000, 'must have at most 1000 values'),
  );

/** A list; a key with nothing behind it (all its entries commented out) is an empty one. */
const list = <Item extends z.ZodType>(item: Item, limit: number) =>
  z.preprocess(
    (value) => (value === undefined || value === '' ? [] : value),
    z.array(item, 'must be a list').max(limit, `must have at most ${limit} entries`),
  );

const entry = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? 'must be an object' : undefined),
  });

const accountSchema = entry({
  id: accountId,
  name: text.optional(),
  environment: text.optional(),
  owner: text.optional(),
  criticality: text.optional(),
  tags: z
    .record(text, text, 'must be an object of texts')
    .refine((tags) => Object.keys(tags).length <= 50, { error: 'must have at most 50 tags' })
    .optional(),
});

const networkSchema = entry({
  cidr: oneOrMore(cidr),
  name: text,
  kind: text.optional(),
  trusted: flag.optional(),
});

const principalSchema = entry({
  arn: oneOrMore(arnPattern),
  name: text.optional(),
  team: text.optional(),
  kind: z
    .enum(['human', 'workload', 'break-glass', 'ci'], 'must be human, workload, break-glass or ci')
    .optional(),
});

const roleSchema = entry({
  arn: oneOrMore(arnPattern),
  from: oneOrMore(text),
});

const vendorSchema = entry({
  name: text,
  accounts: oneOrMore(accountId),
});

export const companySchema = entry({
  accounts: list(accountSchema, COMPANY_LIMITS.accounts),
  networks: list(networkSchema, COMPANY_LIMITS.networks),
  principals: list(principalSchema, COMPANY_LIMITS.principals),
  roles: list(roleSchema, COMPANY_LIMITS.principals),
  vendors: list(vendorSchema, COMPANY_LIMITS.principals),
});

/** A valid company file. Lists are empty where the file has none. */
export type Company = z.infer<typeof companySchema>;
/** One of the company's own accounts. */
export type CompanyAccount = Company['accounts'][number];
/** One of the company's networks, with one or more ranges. */
export type CompanyNetwork = Company['networks'][number];
