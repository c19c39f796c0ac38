import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { utf8Text } from '@signalbox/contracts';
import { SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';

/** How the CLI reaches this site. */
export interface SiteContext {
  readonly url: string;
  readonly token: string;
  readonly name: string;
  /** Where the site takes plugins and secrets from: fills `${pluginDir}` and `${secretDir}` of applied files. */
  readonly pluginDir: string;
  readonly secretDir: string;
  /** The site that the token is for; absent until the site listens for the first time. */
  readonly siteId?: string;
}

/**
 * `<stateDir>/context.json`, readable by its owner only. A new token is written beside it first and put in place when
 * the journal holds it, so that a crash in between never loses the only copy of a valid token.
 */
@Injectable()
export class ContextFile {
  readonly path: string;
  private readonly dir: string;

  constructor(@Inject(SITE_CONFIG) private readonly config: SiteConfig) {
    this.dir = config.stateDir;
    this.path = join(this.dir, 'context.json');
  }

  /** Writes a token that is about to become valid. */
  propose(token: string): void {
    this.replace(this.proposedPath, {
      ...this.directories,
      url: this.read(this.path)?.url ?? '',
      token,
      name: 'local',
    });
  }

  /** Token that was proposed and neither kept nor dropped. */
  get proposedToken(): string | undefined {
    return this.read(this.proposedPath)?.token;
  }

  /** The proposed token is valid: puts it in place. */
  keep(): void {
    renameSync(this.proposedPath, this.path);
  }

  /** The proposed token never became valid. */
  drop(): void {
    rmSync(this.proposedPath, { force: true });
  }

  /** Brings an existing context up to date; port and directories may have changed. */
  refresh(url: string, siteId: string): void {
    const context = this.read(this.path);
    if (context) this.replace(this.path, { ...context, ...this.directories, url, siteId });
  }

  private get directories(): Pick<SiteContext, 'pluginDir' | 'secretDir'> {
    const { pluginDirs, secretDir } = this.config;
    return { pluginDir: pluginDirs[0] ?? '', secretDir };
  }

  private get proposedPath(): string {
    return `${this.path}.proposed`;
  }

  private read(path: string): SiteContext | undefined {
    try {
      const {
        url = '',
        token,
        name = 'local',
      } = JSON.parse(utf8Text(readFileSync(path), path)) as Partial<SiteContext>;
      return typeof token === 'string' ? { ...this.directories, url, token, name } : undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'bad-text' || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  private replace(path: string, context: SiteContext): void {
    mkdirSync(this.dir, { recursive: true });
    const written = `${path}.${process.pid}.tmp`;
    writeFileSync(written, `${JSON.stringify(context, null, 2)}\n`, { mode: 0o600, flush: true });
    chmodSync(written, 0o600);
    renameSync(written, path);
  }
}
