import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '@signalbox/contracts';
import { LOG, type Log } from '../log.js';
import { SITE_CONFIG } from '../runtime.module.js';
import type { SiteConfig } from '../site-config.js';
import { OidcTokens } from './oidc-tokens.js';
import { TokenBook } from './token-book.js';

/** Finds who calls: by a token of the site, or by one of its OpenID Connect issuer. */
@Injectable()
export class Callers {
  private readonly oidc: OidcTokens | undefined;

  constructor(
    private readonly tokens: TokenBook,
    @Inject(SITE_CONFIG) { oidc }: SiteConfig,
    @Inject(LOG) log: Log,
  ) {
    if (oidc) this.oidc = new OidcTokens(oidc, log);
  }

  /** Undefined: the token is not valid. Throws `not-ready` when that cannot be said now. */
  async find(token: string): Promise<Principal | undefined> {
    return this.tokens.find(token) ?? (token.split('.').length === 3 ? this.oidc?.find(token) : undefined);
  }
}
