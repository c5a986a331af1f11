/** One HTTPS request as it stands on the wire: the path is sent as written, from the loopback address given. */
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { TestCertificate } from './certificate.js';

export interface WireRequest {
  /** GET unless given. */
  readonly method?: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /** One of 127.0.0.0/8, to be another client. */
  readonly from?: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** On a connection of its own, which is closed afterwards. */
export function httpsClient(port: number, { ca }: TestCertificate) {
  const open = async ({ from, body, ...rest }: WireRequest) => {
    const options: RequestOptions = {
      ...{ host: '127.0.0.1', servername: 'localhost', port, ca, agent: false },
      ...rest,
      headers: { host: `localhost:${port}`, ...rest.headers },
      ...(from === undefined ? {} : { localAddress: from }),
    };
    const outgoing = request(options);
    outgoing.end(body);
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
    });
    return answered;
  };
  return {
    /** Resolves with the head; the body is the caller's to read. */
    open,
    async send(wire: WireRequest): Promise<WireAnswer> {
      const answer = await open(wire);
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      await once(answer, 'end');
      return { status: answer.statusCode ?? 0, headers: answer.headers, text };
    },
  };
}
