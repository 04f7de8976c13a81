import { type RawAnswer, RawConnection } from './raw-http.ts';

export type FilterRequest = {
  readonly verb?: string;
  readonly path?: string;
  readonly contentType?: string;
  readonly body: string | Buffer;
  /** Further headers, as the filter's `headers`, `user` and `password` options make them. */
  readonly headers?: readonly string[];
};

/**
 * The request head that Logstash's http filter sends: manticore 0.9.2 over Apache HttpClient 4.5, which
 * keeps alive, accepts gzip, states a length and sends no Accept.
 */
export function manticoreHead(port: number, request: FilterRequest): readonly string[] {
  return [
    `${request.verb ?? 'POST'} ${request.path ?? '/v1/enrich?output=enrichments'} HTTP/1.1`,
    `content-type: ${request.contentType ?? 'application/json'}`,
    ...(request.headers ?? []),
    `Content-Length: ${Buffer.byteLength(request.body)}`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Keep-Alive',
    'User-Agent: Manticore 0.9.2',
    'Accept-Encoding: gzip,deflate',
  ];
}

/** Sends one request on a connection of its own. */
export async function sendAsFilter(port: number, request: FilterRequest): Promise<RawAnswer> {
  const connection = await RawConnection.open(port);
  try {
    return await connection.ask(manticoreHead(port, request), Buffer.from(request.body));
  } finally {
    connection.close();
  }
}
