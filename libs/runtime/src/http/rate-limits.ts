import { CodedError, sha256Hex } from '@signalbox/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientOfAddress } from './domain/client-of-address.js';
import { type Bucket, type Rate, take } from './domain/token-bucket.js';
import type { HttpSettings } from './http-settings.js';
import { pathOf } from './problem.js';

/** Clients of each sort that are remembered; who was quiet longest is forgotten first and starts with a full burst. */
const CLIENTS_REMEMBERED = 10_000;
/** What probes and Prometheus ask for is answered always. */
const ALWAYS_ANSWERED = ['/livez', '/readyz', '/metrics'];

const letInElsewhere = new WeakSet<FastifyRequest>();

/** Says of a request that another service checked its token and let it in. */
export function noteLetIn(request: FastifyRequest): void {
  letInElsewhere.add(request);
}

/** What the limits need of the clock. */
type Now = () => number;

/** The buckets of one sort of clients. */
class Buckets {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly rate: Rate,
    private readonly now: Now,
  ) {}

  /** Milliseconds that a client has to wait, undefined when its request may pass. */
  waitOf(client: string): number | undefined {
    const { bucket, waitMs } = take(this.rate, this.buckets.get(client), this.now());
    this.buckets.delete(client);
    this.buckets.set(client, bucket);
    const [quietest] = this.buckets.keys();
    if (this.buckets.size > CLIENTS_REMEMBERED && quietest !== undefined) this.buckets.delete(quietest);
    return waitMs;
  }
}

/**
 * Refuses who sends too much before anything else is done with a request: a token has a rate of its own once a request with it was
 * let in; everybody else is counted by address, so that guessing tokens gains nothing. ADR 0048.
 */
export class RateLimits {
  private readonly tokens?: Buckets;
  private readonly addresses?: Buckets;
  /** Hashes of tokens that were let in, newest last. */
  private readonly known = new Set<string>();

  constructor({ ratePerToken, ratePerAddress }: HttpSettings, now: Now = () => performance.now()) {
    if (ratePerToken) this.tokens = new Buckets(ratePerToken, now);
    if (ratePerAddress) this.addresses = new Buckets(ratePerAddress, now);
  }

  guard(fastify: FastifyInstance): void {
    const credentials = new WeakMap<FastifyRequest, string>();
    fastify.addHook('onRequest', (request, reply, done) => {
      const { authorization } = request.headers;
      const credential = authorization === undefined ? undefined : sha256Hex(authorization);
      if (credential !== undefined) credentials.set(request, credential);
      const refusal = ALWAYS_ANSWERED.includes(pathOf(request.url))
        ? undefined
        : this.refusalOf(request.ip, credential, reply);
      done(refusal);
    });
    fastify.addHook('onResponse', (request, _reply, done) => {
      const credential = credentials.get(request);
      const isLetIn =
        ('principal' in request && request.principal !== undefined) || letInElsewhere.has(request);
      if (credential !== undefined && isLetIn) this.know(credential);
      done();
    });
  }

  private refusalOf(
    address: string,
    credential: string | undefined,
    reply: FastifyReply,
  ): CodedError | undefined {
    const isKnown = credential !== undefined && this.known.has(credential);
    const waitMs = isKnown
      ? this.tokens?.waitOf(credential)
      : this.addresses?.waitOf(clientOfAddress(address));
    if (waitMs === undefined) return undefined;
    const seconds = Math.ceil(waitMs / 1000);
    void reply.header('retry-after', seconds);
    const who = isKnown ? 'this token' : 'this address without a known token';
    return new CodedError('rate-limited', `too many requests of ${who}: send the next one in ${seconds} s`);
  }

  private know(credential: string): void {
    this.known.delete(credential);
    this.known.add(credential);
    const [oldest] = this.known;
    if (this.known.size > CLIENTS_REMEMBERED && oldest !== undefined) this.known.delete(oldest);
  }
}
