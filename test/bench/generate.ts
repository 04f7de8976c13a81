/**
 * A deterministic maker of realistic CloudTrail records: the mix and sizes that real trails have, mostly
 * Describe calls, AssumeRole by services, S3 data events and KMS, one percent of policy changes, 1,500
 * bytes on average. The same seed makes the same bytes.
 */

/** Kinds of records with their share in a thousand. */
const MIX: readonly (readonly [kind: keyof typeof MAKERS, share: number])[] = [
  ['describe', 330],
  ['s3Data', 175],
  ['assumeByService', 150],
  ['kms', 150],
  ['read', 102],
  ['write', 45],
  ['assumeByHuman', 20],
  ['denied', 12],
  ['policy', 10],
  ['console', 4],
  ['serviceEvent', 2],
];

const DESCRIBES = [
  'Instances',
  'Volumes',
  'SecurityGroups',
  'InstanceStatus',
  'Tags',
  'Vpcs',
  'Addresses',
  'RouteTables',
];
const READS = [
  ['iam', 'GetUser'],
  ['iam', 'ListRoles'],
  ['ssm', 'GetParameter'],
  ['secretsmanager', 'DescribeSecret'],
  ['s3', 'ListBuckets'],
  ['sts', 'GetCallerIdentity'],
  ['logs', 'DescribeLogStreams'],
  ['rds', 'DescribeDBInstances'],
] as const;
const WRITES = [
  ['ec2', 'RunInstances'],
  ['ec2', 'CreateTags'],
  ['ec2', 'AuthorizeSecurityGroupIngress'],
  ['lambda', 'UpdateFunctionCode20150331v2'],
  ['s3', 'PutBucketVersioning'],
  ['logs', 'CreateLogStream'],
  ['dynamodb', 'UpdateTable'],
] as const;
const REGIONS = ['us-east-1', 'eu-west-1', 'ap-southeast-2'];
const AGENTS = [
  'Boto3/1.34.84 md/Botocore#1.34.84 ua/2.0 os/linux#6.1.79-99.167.amzn2023.x86_64 md/arch#x86_64 lang/python#3.11.6 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.84',
  'aws-sdk-go-v2/1.32.3 os/linux lang/go#1.23.1 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.187.1',
  'APN/1.0 HashiCorp/1.0 Terraform/1.5.7 (+https://www.terraform.io) terraform-provider-aws/5.44.0 (+https://registry.terraform.io/providers/hashicorp/aws)',
  '[aws-cli/2.15.30 Python/3.11.8 Linux/5.10.213 exe/x86_64.amzn.2 prompt/off command/s3.cp]',
  'console.amazonaws.com',
];
const ACCOUNTS = ['637129261941', '277242971241', '932462921489'];

/** Bytes in the tail of AssumeRole's answer; real session tokens have between 700 and 1,400 characters. */
const TOKEN_LENGTH = 900;

type Json = Record<string, unknown>;

/** Makes records one after the other. */
export class RecordGenerator {
  #state: number;
  #count = 0;

  constructor(seed = 7) {
    this.#state = seed >>> 0 || 1;
  }

  /** The next record as JSON text. */
  next(): string {
    this.#count++;
    let roll = this.below(1000);
    for (const [kind, share] of MIX) {
      if (roll < share) return JSON.stringify(MAKERS[kind](this));
      roll -= share;
    }
    return JSON.stringify(MAKERS.describe(this));
  }

  /** A log file of `records` records. */
  file(records: number): Buffer {
    const texts = Array.from({ length: records }, () => this.next());
    return Buffer.from(`{"Records":[${texts.join(',')}]}`);
  }

  /** A number in `[0, bound)` (Marsaglia's xorshift32). */
  below(bound: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % bound;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  hex(length: number): string {
    let text = '';
    while (text.length < length)
      text += this.below(2 ** 31)
        .toString(16)
        .padStart(8, '0');
    return text.slice(0, length);
  }

  uuid(): string {
    const hex = this.hex(32);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** Minutes pass as records do. */
  time(): string {
    return new Date(Date.UTC(2026, 2, 4, 9) + this.#count * 137).toISOString().replace(/\.\d+/, '');
  }

  get count(): number {
    return this.#count;
  }
}

const MAKERS = {
  describe: (g: RecordGenerator) =>
    record(g, 'ec2', `Describe${g.pick(DESCRIBES)}`, workload(g), {
      readOnly: true,
      requestParameters: {
        instancesSet: { items: [{ instanceId: `i-0${g.hex(16)}` }] },
        filterSet: {},
        maxResults: 100,
      },
    }),
  s3Data: (g: RecordGenerator) => {
    const name = g.pick(['GetObject', 'GetObject', 'GetObject', 'PutObject', 'HeadObject']);
    return record(g, 's3', name, workload(g), {
      readOnly: name !== 'PutObject',
      requestParameters: {
        bucketName: `data-${g.below(40)}`,
        Host: 's3.amazonaws.com',
        key: `reports/${g.hex(24)}.parquet`,
      },
      additionalEventData: {
        SignatureVersion: 'SigV4',
        CipherSuite: 'ECDHE-RSA-AES128-GCM-SHA256',
        bytesTransferredIn: 0,
        AuthenticationMethod: 'AuthHeader',
        'x-amz-id-2': g.hex(76),
        bytesTransferredOut: g.below(1e6),
      },
      resources: [{ type: 'AWS::S3::Object', ARN: `arn:aws:s3:::data-1/${g.hex(24)}` }],
      managementEvent: false,
      eventCategory: 'Data',
    });
  },
  assumeByService: (g: RecordGenerator) => {
    const service = g.pick(['ec2.amazonaws.com', 'lambda.amazonaws.com', 'ecs-tasks.amazonaws.com']);
    const account = g.pick(ACCOUNTS);
    return record(
      g,
      'sts',
      'AssumeRole',
      { type: 'AWSService', invokedBy: service },
      {
        readOnly: true,
        sourceIPAddress: service,
        userAgent: service,
        requestParameters: {
          roleArn: `arn:aws:iam::${account}:role/web-role-${g.below(60)}`,
          roleSessionName: `i-0${g.hex(16)}`,
        },
        responseElements: credentials(g),
        sharedEventID: g.uuid(),
      },
    );
  },
  kms: (g: RecordGenerator) =>
    record(g, 'kms', g.pick(['Decrypt', 'Decrypt', 'GenerateDataKey', 'Encrypt']), workload(g), {
      readOnly: true,
      requestParameters: {
        encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::data-${g.below(40)}` },
        encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      },
      resources: [
        {
          accountId: g.pick(ACCOUNTS),
          type: 'AWS::KMS::Key',
          ARN: `arn:aws:kms:eu-west-1:637129261941:key/${g.uuid()}`,
        },
      ],
    }),
  read: (g: RecordGenerator) => {
    const [service, name] = g.pick(READS);
    return record(g, service, name, g.below(2) === 0 ? user(g) : workload(g), {
      readOnly: true,
      requestParameters: { name: `/app/${g.hex(12)}` },
    });
  },
  write: (g: RecordGenerator) => {
    const [service, name] = g.pick(WRITES);
    return record(g, service, name, workload(g), {
      requestParameters: {
        resource: `r-${g.hex(16)}`,
        tagSet: {
          items: [
            { key: 'owner', value: g.hex(12) },
            { key: 'env', value: 'production' },
          ],
        },
      },
      responseElements: { requestId: g.uuid(), _return: true },
    });
  },
  assumeByHuman: (g: RecordGenerator) => {
    const account = g.pick(ACCOUNTS);
    const session = `user${g.below(40)}@example.com`;
    return record(g, 'sts', 'AssumeRole', user(g), {
      readOnly: true,
      requestParameters: {
        roleArn: `arn:aws:iam::${account}:role/ops`,
        roleSessionName: session,
        durationSeconds: 3600,
      },
      responseElements: {
        ...credentials(g),
        assumedRoleUser: {
          assumedRoleId: `AROA${g.hex(17).toUpperCase()}:${session}`,
          arn: `arn:aws:sts::${account}:assumed-role/ops/${session}`,
        },
      },
    });
  },
  denied: (g: RecordGenerator) =>
    record(g, 'iam', 'AttachUserPolicy', user(g), {
      errorCode: 'AccessDenied',
      errorMessage:
        'User: arn:aws:iam::637129261941:user/user01 is not authorized to perform: iam:AttachUserPolicy on resource: user user01 because no identity-based policy allows the iam:AttachUserPolicy action',
    }),
  policy: (g: RecordGenerator) => {
    const account = g.pick(ACCOUNTS);
    const name = `policy-${g.hex(8)}`;
    const document = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: [`s3:Get${g.pick(['Object', '*', 'Bucket*'])}`, 'logs:*'],
          Resource: `arn:aws:s3:::data-${g.below(40)}/*`,
        },
      ],
    };
    return record(g, 'iam', 'CreatePolicy', user(g), {
      requestParameters: { policyName: name, policyDocument: JSON.stringify(document) },
      responseElements: {
        policy: {
          policyName: name,
          arn: `arn:aws:iam::${account}:policy/${name}`,
          defaultVersionId: 'v1',
          attachmentCount: 0,
        },
      },
    });
  },
  console: (g: RecordGenerator) =>
    record(g, 'signin', 'ConsoleLogin', user(g), {
      eventType: 'AwsConsoleSignIn',
      responseElements: { ConsoleLogin: 'Success' },
      additionalEventData: { MFAUsed: 'Yes' },
    }),
  serviceEvent: (g: RecordGenerator) =>
    record(
      g,
      'kms',
      'RotateKey',
      { invokedBy: 'AWS Internal' },
      { eventType: 'AwsServiceEvent', serviceEventDetails: { keyId: g.uuid() } },
    ),
};

function record(g: RecordGenerator, service: string, name: string, userIdentity: Json, more: Json): Json {
  return {
    eventVersion: '1.11',
    userIdentity,
    eventTime: g.time(),
    eventSource: `${service === 'signin' ? 'signin' : service}.amazonaws.com`,
    eventName: name,
    awsRegion: g.pick(REGIONS),
    sourceIPAddress: addressOf(userIdentity),
    userAgent: agentOf(userIdentity),
    requestParameters: null,
    responseElements: null,
    requestID: g.uuid(),
    eventID: g.uuid(),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: g.pick(ACCOUNTS),
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: `${service}.eu-west-1.amazonaws.com`,
    },
    ...more,
  };
}

/** A principal keeps its address and its client: both follow from its number. */
function addressOf(identity: Json): string {
  return `203.0.113.${numberOf(identity) % 250}`;
}

function agentOf(identity: Json): string {
  return AGENTS[numberOf(identity) % AGENTS.length] as string;
}

function numberOf(identity: Json): number {
  return Number(/(\d+)$/.exec(String(identity['principalId'] ?? '0'))?.[1] ?? 0);
}

/** One of 400 workloads; each keeps its key, as instances do for hours. */
function workload(g: RecordGenerator): Json {
  const number = g.below(400);
  const account = ACCOUNTS[number % ACCOUNTS.length];
  const role = `web-role-${number % 60}`;
  const session = `i-0${String(number).padStart(16, '0')}`;
  const principal = `AROA${String(number % 60).padStart(17, 'X')}`;
  return {
    type: 'AssumedRole',
    principalId: `${principal}:${session}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
    accountId: account,
    accessKeyId: `ASIA${String(number).padStart(16, 'W')}`,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: principal,
        arn: `arn:aws:iam::${account}:role/${role}`,
        accountId: account,
        userName: role,
      },
      webIdFederationData: {},
      attributes: { creationDate: '2026-03-04T08:35:45Z', mfaAuthenticated: 'false' },
      ec2RoleDelivery: '2.0',
    },
  };
}

function user(g: RecordGenerator): Json {
  const number = String(g.below(40)).padStart(2, '0');
  return {
    type: 'IAMUser',
    principalId: `AIDA${number.padStart(17, 'X')}`,
    arn: `arn:aws:iam::637129261941:user/user${number}`,
    accountId: '637129261941',
    accessKeyId: `AKIA${number.padStart(16, 'X')}`,
    userName: `user${number}`,
  };
}

function credentials(g: RecordGenerator): Json {
  return {
    credentials: {
      accessKeyId: `ASIA${g.hex(16).toUpperCase()}`,
      sessionToken: g.hex(TOKEN_LENGTH),
      expiration: 'Mar 4, 2026, 3:41:12 PM',
    },
  };
}
