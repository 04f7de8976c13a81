import { z } from 'zod';

/**
 * The shape of `detrails`, the enrichment of one record. This schema is the documentation: FIELDS.md,
 * the index templates and the OpenAPI document are generated from its descriptions. It is checked in
 * tests and never on the hot path.
 *
 * Absent means none: no null, no empty string, list or object, because Elastic's CloudTrail pipeline
 * deletes them. Fields whose description starts with "(full)" appear in profile `full` only.
 */

const keyword = (description: string) => z.string().min(1).describe(description);
const keywords = (description: string) => z.array(z.string().min(1)).min(1).describe(description);

export const ACCESS_LEVELS = ['List', 'Read', 'Tagging', 'Write', 'Permissions management'] as const;
export const RISK_LEVELS = ['info', 'low', 'medium', 'high', 'critical'] as const;
export const DAMAGES = [
  'privilege_escalation',
  'resource_exposure',
  'data_exfiltration',
  'credentials_exposure',
  'infrastructure_modification',
  'defense_impairment',
] as const;

/** AWS's access levels, in ascending order of what they allow. */
export type AccessLevel = (typeof ACCESS_LEVELS)[number];
/** Risk levels, ascending. */
export type RiskLevel = (typeof RISK_LEVELS)[number];
/** Kinds of damage an action can do. */
export type Damage = (typeof DAMAGES)[number];

export const actionSchema = z.strictObject({
  iam: keywords(
    "Primary IAM actions the call was authorized by, `service:Action` in AWS's spelling",
  ).optional(),
  conditional: keywords(
    '(full) Actions that may also be authorized: any-of sets and dependent actions such as `iam:PassRole`',
  ).optional(),
  access_level: z
    .enum(ACCESS_LEVELS)
    .describe('The highest access level among the primary actions, as AWS publishes it')
    .optional(),
  resolved_by: z
    .enum(['name', 'host', 'suffix', 'exception', 'denied_message', 'inferred', 'none'])
    .describe('How the operation was mapped to its actions'),
  reason: keyword('Why there is no IAM action, or why the access level is inferred').optional(),
  outcome: z.enum(['success', 'denied', 'failed']).describe('What became of the call'),
});

export const techniqueSchema = z.strictObject({
  id: keyword('ATT&CK technique or sub-technique, such as `T1098.003`'),
  name: keyword("The technique's name in the configured ATT&CK release"),
  tactics: keywords('Tactic short names this event speaks for, such as `persistence`'),
  confidence: z
    .enum(['high', 'medium', 'low', 'derived'])
    .describe('How well public evidence supports this technique for this event'),
  attempt: z.boolean().describe('True when the call failed: tried, not done').optional(),
  reasons: keywords('Stable codes of the conditions that raised, lowered or made the match').optional(),
  evidence: keywords('(full) Public sources that map this event to this technique').optional(),
});

export const attackSchema = z.strictObject({
  version: keyword('ATT&CK Enterprise release the ids and tactics belong to'),
  ecs: z.boolean().describe('True when this service appended `threat` beside `detrails`').optional(),
  techniques: z.array(techniqueSchema).min(1).describe('Techniques of this event').optional(),
});

export const riskSchema = z.strictObject({
  level: z
    .enum(RISK_LEVELS)
    .describe('Level of the score: 0-9 info, 10-29 low, 30-54 medium, 55-79 high, 80-100 critical'),
  score: z.int().min(0).max(100).describe('Risk of this single event; the formula is in the README'),
  damage: z.array(z.enum(DAMAGES)).min(1).describe('Kinds of damage the event can do').optional(),
  services: keywords('Services affected, as IAM prefixes').optional(),
  reasons: keywords('Stable codes of what made the score, such as `policy_grants_admin`').optional(),
});

export const findingSchema = z.strictObject({
  type: keyword('Kind of finding, such as `PrivilegeEscalation`'),
  severity: z.enum(RISK_LEVELS).describe('How bad it is'),
  certainty: z
    .enum(['direct', 'conditional'])
    .describe('Conditional when a condition or a needed target limits it'),
  path: keyword('Id of the privilege-escalation path').optional(),
  actions: keywords('Actions behind the finding, at most 20').optional(),
  action_count: z.int().nonnegative().describe('How many actions there are in all').optional(),
  services: keywords('Services of those actions, at most 20').optional(),
  statements: keywords('Statements that cause it: Sid, or index when there is none').optional(),
  reason: keyword('One sentence that says why'),
});

export const changeSchema = z.strictObject({
  verdict: z
    .enum(['broadened', 'narrowed', 'unchanged', 'mixed', 'unknown'])
    .describe('What this version does against the one before'),
  against: keyword('Version compared with').optional(),
  previous_risk_level: z
    .enum(RISK_LEVELS)
    .describe('Highest severity among the findings of the version before')
    .optional(),
  previous_is_admin: z
    .boolean()
    .describe('True when the version before allowed every action on every resource')
    .optional(),
  added_findings: z.array(findingSchema).min(1).describe('Findings the new version adds').optional(),
  removed_findings: z
    .array(findingSchema)
    .min(1)
    .describe('Findings the new version no longer has')
    .optional(),
  added_actions: z.int().nonnegative().describe('How many actions the new version adds').optional(),
  removed_actions: z.int().nonnegative().describe('How many actions the new version takes away').optional(),
  added_risky_actions: keywords('Added actions that belong to a risk category, at most 20').optional(),
});

export const exposureSchema = z.strictObject({
  public: z.boolean().describe('True when anybody is allowed').optional(),
  accounts: keywords('Foreign accounts that are allowed').optional(),
  federated: keywords('Identity providers that are allowed').optional(),
  services: keywords('AWS services that are allowed').optional(),
  organizations: keywords('Organizations that are allowed').optional(),
  conditions: keywords('Condition keys that limit it').optional(),
});

const policyStatusSchema = z
  .enum([
    'analyzed',
    'cached',
    'bundled',
    'unknown',
    'hidden',
    'omitted',
    'invalid',
    'too_large',
    'too_complex',
    'not_applicable',
  ])
  .describe('Where the analysis came from, or why there is none');

export const relatedPolicySchema = z.strictObject({
  status: policyStatusSchema,
  kind: z.enum(['session', 'boundary']).describe('What the policy does here'),
  arn: keyword('ARN of the managed policy'),
  version: keyword('Version that was the default then').optional(),
  risk_level: z.enum(RISK_LEVELS).describe('Highest severity among its findings').optional(),
  is_admin: z.boolean().describe('True when it allows every action on every resource').optional(),
  reason: keyword('Why the status is what it is').optional(),
});

export const policySchema = z.strictObject({
  status: policyStatusSchema,
  operation: keyword(
    'What the event does to the policy, such as `create_version`, `attach`, `set_default`',
  ).optional(),
  kind: z
    .enum(['identity', 'trust', 'resource', 'session', 'boundary', 'organization'])
    .describe('Kind of policy')
    .optional(),
  arn: keyword('ARN of the policy, or of the resource that carries it').optional(),
  version: keyword('Version id, such as `v3`').optional(),
  name: keyword('Name of the policy').optional(),
  attached_to: keyword('ARN or name of the principal it is attached to').optional(),
  risk_level: z.enum(RISK_LEVELS).describe('Highest severity among the findings').optional(),
  is_admin: z.boolean().describe('True when the policy allows every action on every resource').optional(),
  is_public: z.boolean().describe('True when the policy allows anybody').optional(),
  findings: z.array(findingSchema).min(1).describe('What is risky about it').optional(),
  counts: z.record(z.string(), z.int().positive()).describe('Findings per type').optional(),
  change: changeSchema.describe('Comparison with the previous default version').optional(),
  late: z
    .array(
      z.strictObject({
        event_id: keyword('Event that activated the policy'),
        time: keyword('When it did'),
        operation: keyword('What it did'),
        attached_to: keyword('To whom').optional(),
        version: keyword('Which version').optional(),
      }),
    )
    .min(1)
    .describe('Activations seen before this document was known, which had to say unknown')
    .optional(),
  exposure: exposureSchema
    .describe('Who outside the account is allowed (trust and resource policies)')
    .optional(),
  related: z
    .array(relatedPolicySchema)
    .min(1)
    .describe("Managed policies beside the document: a new role's boundary, further ones of a session")
    .optional(),
  reason: keyword('Why the status is what it is').optional(),
});

const sourceSchema = z.strictObject({
  source: keyword('Address, or VPC endpoint'),
  first: keyword('First use, event time').optional(),
  last: keyword('Last use, event time').optional(),
  use_count: z.int().positive().describe('Uses known').optional(),
  event_ids: keywords('The earliest uses: at most 8, in `late` at most 32').optional(),
  user_agent: keyword('User agent family of the first use').optional(),
  fidelity: z.enum(['high', 'medium', 'low']).describe('How much the difference means').optional(),
});

export const principalStepSchema = z.strictObject({
  arn: keyword('Principal').optional(),
  type: keyword('userIdentity type').optional(),
  session_name: keyword('Role session name').optional(),
  event_id: keyword('Event that issued the next key').optional(),
  time: keyword('When').optional(),
});

export const sessionSchema = z.strictObject({
  status: z
    .enum(['issued', 'linked', 'unlinked', 'not_applicable'])
    .describe('Whether the issuing event of the key is known'),
  verdict: z
    .enum(['same_source', 'different_source', 'multiple_sources', 'unknown'])
    .describe('Is the key used from where it was issued')
    .optional(),
  fidelity: z.enum(['high', 'medium', 'low']).describe('How much the difference means').optional(),
  deviations: z
    .array(z.enum(['source_ip', 'network', 'user_agent', 'vpc_endpoint', 'region']))
    .min(1)
    .describe('Which properties differ')
    .optional(),
  origin: z
    .strictObject({
      event_id: keyword('Issuing event').optional(),
      time: keyword('When the key was issued').optional(),
      source: keyword('Where it was issued to').optional(),
      user_agent: keyword('User agent of the issuing call').optional(),
      principal: keyword('Who asked for it').optional(),
      role: keyword('Role assumed').optional(),
      session_name: keyword('Role session name').optional(),
      source_identity: keyword('sourceIdentity, set by the identity provider').optional(),
      mfa: z.boolean().describe('MFA was used').optional(),
      expires: keyword('When the key expires').optional(),
      issuer_service: keyword('AWS service that issued the key for a workload').optional(),
    })
    .describe('The issuing event')
    .optional(),
  human: z
    .strictObject({
      id: keyword('Identity').optional(),
      name: keyword('Name as the evidence gives it').optional(),
      evidence: z
        .enum(['source_identity', 'on_behalf_of', 'session_name_email', 'chain_root'])
        .describe('What it rests on'),
    })
    .describe('The human behind the chain')
    .optional(),
  chain: z.array(principalStepSchema).min(1).describe('From the first principal to this one').optional(),
  revealed: z
    .boolean()
    .describe('True on the one event by which a further source became known: alert on this')
    .optional(),
  late: z.array(sourceSchema).min(1).describe('Earlier uses now known to be foreign').optional(),
  sources: z
    .array(sourceSchema)
    .min(1)
    .describe('(full) Every source known for the session, at most 16')
    .optional(),
  source_count: z
    .int()
    .positive()
    .describe('(full) Distinct sources known, also those beyond the list')
    .optional(),
  reason: keyword('Why it is not applicable or unknown').optional(),
});

export const toolSchema = z.strictObject({
  name: keyword('Client or attack tool recognized by user agent'),
  kind: z.enum(['client', 'attack', 'audit']).describe('What it is'),
  confidence: z.enum(['high', 'medium', 'low']).describe('How certain the recognition is'),
  version: keyword('Its version, as the agent states it').optional(),
  signals: keywords('Further signals, such as an attack distribution in the agent').optional(),
});

const accountSchema = z.strictObject({
  id: keyword('Account id'),
  name: keyword('Account name').optional(),
  environment: keyword('Environment, such as `production`').optional(),
  owner: keyword('Owner').optional(),
  criticality: keyword('Criticality').optional(),
  tags: z.record(z.string(), z.string()).describe('Tags').optional(),
  relation: z.enum(['own', 'vendor', 'unknown']).describe('Whose it is, by the company file').optional(),
  vendor: keyword('Vendor it belongs to').optional(),
});

export const contextSchema = z.strictObject({
  account: accountSchema.describe("The caller's account").optional(),
  recipient_account: accountSchema
    .describe('The account that received the call, when it is another')
    .optional(),
  network: z
    .strictObject({
      name: keyword('Network').optional(),
      kind: keyword('Kind, such as `office`, `vpn`, `aws`, `tor`').optional(),
      trusted: z.boolean().describe('Trusted by the company file').optional(),
      country: keyword('Country by the configured database').optional(),
      asn: z.int().describe('Autonomous system number').optional(),
      organization: keyword('Autonomous system organization').optional(),
    })
    .describe('Network of the source address')
    .optional(),
  principal: z
    .strictObject({
      team: keyword('Team').optional(),
      kind: keyword('human, workload, break-glass or ci').optional(),
      name: keyword('Name').optional(),
    })
    .describe('The calling principal in the company file')
    .optional(),
  role_use: z
    .enum(['expected', 'unexpected'])
    .describe('Whether the role is assumed or used from where the company file says it may be')
    .optional(),
  vendor: keyword("Vendor whose account the caller's is").optional(),
  foreign_accounts: z
    .array(accountSchema)
    .min(1)
    .describe('Other accounts named by a policy, trust or sharing call')
    .optional(),
});

export const errorSchema = z.strictObject({
  code: keyword('Stable code from the catalogue'),
  detail: keyword('What it means, without the input').optional(),
});

export const detrailsSchema = z
  .strictObject({
    schema: z.literal('1').describe('Version of this shape'),
    action: actionSchema.describe('The IAM action and its access level').optional(),
    attack: attackSchema.describe('MITRE ATT&CK').optional(),
    risk: riskSchema.describe('Risk of the single event').optional(),
    policy: policySchema.describe('The IAM policy the event touches').optional(),
    session: sessionSchema.describe('Origin of the temporary key').optional(),
    tool: toolSchema.describe('Client or tool by user agent').optional(),
    context: contextSchema.describe("The company's own context").optional(),
    degraded: keywords('What could not be asked in time, such as `shared_store`').optional(),
    error: errorSchema.describe('Why the record was not enriched').optional(),
    explain: z
      .record(z.string(), z.unknown())
      .describe('With `explain=true`: how each verdict was reached')
      .optional(),
  })
  .describe('Enrichment of one CloudTrail record');

export type ActionEnrichment = z.infer<typeof actionSchema>;
export type TechniqueEnrichment = z.infer<typeof techniqueSchema>;
export type AttackEnrichment = z.infer<typeof attackSchema>;
export type RiskEnrichment = z.infer<typeof riskSchema>;
export type FindingEnrichment = z.infer<typeof findingSchema>;
export type ChangeEnrichment = z.infer<typeof changeSchema>;
export type ExposureEnrichment = z.infer<typeof exposureSchema>;
export type RelatedPolicy = z.infer<typeof relatedPolicySchema>;
export type PolicyEnrichment = z.infer<typeof policySchema>;
export type SessionEnrichment = z.infer<typeof sessionSchema>;
export type ToolEnrichment = z.infer<typeof toolSchema>;
export type ContextEnrichment = z.infer<typeof contextSchema>;
export type ErrorEnrichment = z.infer<typeof errorSchema>;
export type Detrails = z.infer<typeof detrailsSchema>;
