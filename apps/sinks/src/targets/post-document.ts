import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Most bytes of an answer that are read. */
export const ANSWER_BYTES = 8 * 1024;

/** How a request ended: the server answered, or did not (`failure` says why). */
export type PostOutcome =
  | {
      readonly status: number;
      readonly location?: string;
      /** As the header says it. */
      readonly retryAfter?: string;
      readonly text: string;
    }
  | { readonly failure: string };

/** What is sent, and how long an answer may take. Milliseconds. */
export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  /** Authorities that a certificate may be of, PEM; absent: those that the system trusts. */
  readonly ca?: string;
}

/**
 * One POST over a connection of its own, which ends with it. Follows no redirect and uses no proxy. Never throws: what goes wrong
 * on the way is an outcome. A success is known by its status, so what follows is not waited for; of any other answer the text is
 * what came in time, at most {@link ANSWER_BYTES}.
 */
export async function postDocument(post: PostRequest, signal: AbortSignal): Promise<PostOutcome> {
  const limit = AbortSignal.timeout(post.timeoutMs);
  try {
    return await send(post, AbortSignal.any([limit, signal]));
  } catch (error) {
    if (limit.aborted) return { failure: `nothing came within ${post.timeoutMs / 1000} s` };
    if (signal.aborted) return { failure: 'the service stops' };
    return { failure: reasonOf(error) };
  }
}

function send({ url, headers, body, ca }: PostRequest, signal: AbortSignal): Promise<PostOutcome> {
  const target = new URL(url);
  const make = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const options = {
    method: 'POST',
    headers: { ...headers, 'Content-Length': body.byteLength },
    agent: false,
    signal,
    ...(ca !== undefined && { ca }),
  };
  return new Promise<PostOutcome>((resolve, reject) => {
    const request = make(target, options, (response) => {
      // from here on the answer is known, whatever becomes of the rest
      request.off('error', reject).on('error', () => undefined);
      void outcomeOf(response)
        .then(resolve, reject)
        .finally(() => request.destroy());
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function outcomeOf(response: IncomingMessage): Promise<PostOutcome> {
  const { statusCode: status = 0, headers } = response;
  const isSuccess = status >= 200 && status < 300;
  const text = isSuccess ? '' : await beginningOf(response);
  const { location, 'retry-after': retryAfter } = headers;
  return {
    ...{ status, text },
    ...(location !== undefined && { location }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let left = ANSWER_BYTES;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, left));
      left -= chunk.byteLength;
      if (left <= 0) break;
    }
  } catch {
    // cut off or too slow: the status is the answer, and this much of the text came
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Errors of certificates that nobody who is trusted stands for. Node, codes of OpenSSL. */
const UNTRUSTED: readonly string[] = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
];

function reasonOf(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { readonly errors?: readonly Error[] };
  if (code !== undefined && UNTRUSTED.includes(code))
    return `its certificate is of no authority that is trusted here (${message}): name its authority by caFile`;
  return message === '' ? (errors?.[0]?.message ?? code ?? 'no reason given') : message;
}
