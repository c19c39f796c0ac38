import { CodedError, type Principal } from '@signalbox/contracts';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Log } from '../log.js';
import { principalOfClaims } from './oidc-principal.js';
import { isSafeUrl, type OidcSettings } from './oidc-settings.js';

/** How tokens of an issuer are checked. Seconds and milliseconds. */
export const OIDC_LIMITS = {
  /** Clocks may differ by so much. */
  leewaySeconds: 30,
  /** So old the keys that are known may be before the issuer is asked for them again. */
  keysMs: 600_000,
  /** An unknown key has the issuer asked at most so often. */
  cooldownMs: 30_000,
  /** How long the issuer may take to answer. */
  answerMs: 5000,
  /** Characters of a token. */
  length: 16_384,
} as const;

/** Signatures by a key of the issuer only: neither `none` nor a shared secret. RFC 8725, 3.1. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

type Keys = ReturnType<typeof createRemoteJWKSet>;

/** JWTs of one OpenID Connect issuer. What is known of its keys goes on being used while it is away. */
export class OidcTokens {
  private finding: Promise<Keys> | undefined;
  private readMs = 0;

  constructor(
    private readonly settings: OidcSettings,
    private readonly log: Pick<Log, 'warn'>,
    private readonly limits: { readonly keysMs: number; readonly cooldownMs: number } = OIDC_LIMITS,
  ) {}

  /** Whose token it is; undefined when it is not valid. Throws `not-ready` when the issuer is away and its keys are not known. */
  async find(token: string): Promise<Principal | undefined> {
    if (token.length > OIDC_LIMITS.length) return undefined;
    try {
      const { payload } = await jwtVerify(token, this.keyOf, {
        issuer: this.settings.issuer,
        audience: this.settings.audience,
        algorithms: ALGORITHMS,
        clockTolerance: OIDC_LIMITS.leewaySeconds,
        requiredClaims: ['exp', 'sub'],
      });
      return principalOfClaims(payload, this.settings);
    } catch (cause) {
      if (cause instanceof errors.JOSEError && !(cause instanceof errors.JWKSTimeout) && !isFetch(cause))
        return undefined;
      if (cause instanceof CodedError) throw cause;
      throw this.away(cause);
    }
  }

  private readonly keyOf: JWTVerifyGetKey = async (header, jws) => {
    const keys = await this.keys();
    if (keys.jwks() !== undefined && Date.now() - this.readMs > this.limits.keysMs) this.readAgain(keys);
    const key = await keys(header, jws);
    if (this.readMs === 0) this.readMs = Date.now();
    return key;
  };

  /** Behind the request's back: it is answered with what is known. */
  private readAgain(keys: Keys): void {
    this.readMs = Date.now();
    keys.reload().catch((error: unknown) => {
      this.log.warn(
        { issuer: this.settings.issuer, reason: String(error) },
        'the keys of the OIDC issuer cannot be read: those known go on',
      );
    });
  }

  private keys(): Promise<Keys> {
    this.finding ??= this.findKeys().catch((cause: unknown) => {
      this.finding = undefined;
      throw cause instanceof CodedError ? cause : this.away(cause);
    });
    return this.finding;
  }

  private async findKeys(): Promise<Keys> {
    const url = this.settings.jwksUrl ?? (await this.discovered());
    return createRemoteJWKSet(new URL(url), {
      cacheMaxAge: Infinity,
      cooldownDuration: this.limits.cooldownMs,
      timeoutDuration: OIDC_LIMITS.answerMs,
    });
  }

  /** OpenID Connect Discovery 1.0, section 4. */
  private async discovered(): Promise<string> {
    const { issuer } = this.settings;
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(OIDC_LIMITS.answerMs),
      redirect: 'error',
    });
    const document = Object(response.ok ? await response.json() : undefined) as Record<string, unknown>;
    const { jwks_uri: url } = document;
    if (document['issuer'] !== issuer || typeof url !== 'string' || !isSafeUrl(url))
      throw new Error('its discovery document names another issuer, or no keys');
    return url;
  }

  private away(cause: unknown): CodedError {
    const { issuer } = this.settings;
    return new CodedError('not-ready', `the OIDC issuer ${issuer} does not give its keys`, [], { cause });
  }
}

/** What jose throws when an answer of the issuer was no key set. */
function isFetch({ code, message }: errors.JOSEError): boolean {
  return code === 'ERR_JOSE_GENERIC' && /JSON Web Key Set|HTTP response/.test(message);
}
