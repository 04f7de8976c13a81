import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call as the fake received it. */
export type FakeCall = {
  readonly parameters: URLSearchParams;
  readonly accessKeyId: string;
  readonly region: string;
};

/** What the fake answers to one call. */
export type FakeAnswer = { readonly status: number; readonly body: string };

/** A server on loopback that speaks the XML query API of IAM and STS. */
export type FakeIam = {
  readonly url: string;
  readonly calls: FakeCall[];
  close(): Promise<void>;
};

/** Starts the fake; `answer` decides per call. */
export async function startFakeIam(answer: (call: FakeCall, index: number) => FakeAnswer): Promise<FakeIam> {
  const calls: FakeCall[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const scope = /Credential=([^/]+)\/[^/]+\/([^/]+)/.exec(request.headers.authorization ?? '');
      const [, accessKeyId = '', region = ''] = scope ?? [];
      const call = { parameters: new URLSearchParams(body), accessKeyId, region };
      calls.push(call);
      const { status, body: text } = answer(call, calls.length - 1);
      response.writeHead(status, { 'content-type': 'text/xml', connection: 'close' });
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** GetPolicy's answer. */
export function policyAnswer(arn: string, defaultVersion: string): FakeAnswer {
  return ok(
    'GetPolicy',
    `<Policy><PolicyName>p</PolicyName><PolicyId>ANPA1</PolicyId><Arn>${arn}</Arn><Path>/</Path>` +
      `<DefaultVersionId>${defaultVersion}</DefaultVersionId><AttachmentCount>1</AttachmentCount>` +
      '<IsAttachable>true</IsAttachable><CreateDate>2024-01-01T00:00:00Z</CreateDate>' +
      '<UpdateDate>2024-02-01T00:00:00Z</UpdateDate></Policy>',
  );
}

/** GetPolicyVersion's answer; IAM sends the document URL-encoded. */
export function versionAnswer(version: string, document: string, createdAt: string): FakeAnswer {
  return ok(
    'GetPolicyVersion',
    `<PolicyVersion><Document>${encodeURIComponent(document)}</Document><VersionId>${version}</VersionId>` +
      `<IsDefaultVersion>true</IsDefaultVersion><CreateDate>${createdAt}</CreateDate></PolicyVersion>`,
  );
}

/** AssumeRole's answer. */
export function assumeRoleAnswer(accessKeyId: string): FakeAnswer {
  return {
    status: 200,
    body:
      '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>' +
      `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>` +
      '<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>',
  };
}

/** An error as IAM words it. */
export function errorAnswer(status: number, code: string): FakeAnswer {
  return {
    status,
    body:
      '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>' +
      `<Code>${code}</Code><Message>secret text</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
  };
}

function ok(operation: string, result: string): FakeAnswer {
  return {
    status: 200,
    body:
      `<${operation}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">` +
      `<${operation}Result>${result}</${operation}Result></${operation}Response>`,
  };
}
