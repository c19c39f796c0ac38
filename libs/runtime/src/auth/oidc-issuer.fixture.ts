import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** For whom its tokens are made. */
export const AUDIENCE = 'signalbox';

/** An OpenID Connect issuer: discovery, a key set, and tokens. */
export class OidcIssuer {
  /** Answers of the key set. */
  asked = 0;
  /** What its discovery document calls it; absent: what it is called. */
  otherName: string | undefined;
  private readonly keys = new Map<string, KeyPair>();
  private server: Server | undefined;
  private port = 0;

  static async start(): Promise<OidcIssuer> {
    const issuer = new OidcIssuer();
    await issuer.listen();
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A new key, known by its id from now on. */
  async addKey(id: string, algorithm = 'ES256'): Promise<void> {
    this.keys.set(id, await generateKeyPair(algorithm, { extractable: true }));
  }

  removeKey(id: string): void {
    this.keys.delete(id);
  }

  /** A token of one of its keys; `claims` beside those that it has in any case. */
  async token(key: string, claims: JWTPayload = {}, algorithm = 'ES256'): Promise<string> {
    const { privateKey } = this.keys.get(key)!;
    return new SignJWT({ sub: 'u1', preferred_username: 'ann', signalbox_role: 'operator', ...claims })
      .setProtectedHeader({ alg: algorithm, kid: key })
      .setIssuer(claims.iss ?? this.url)
      .setAudience(claims.aud ?? AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(claims.exp ?? '5m')
      .sign(privateKey);
  }

  /** Nobody answers there any more; {@link back} is the same one again. */
  async away(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
    this.server = undefined;
  }

  async back(): Promise<void> {
    await this.listen();
  }

  private async listen(): Promise<void> {
    const server = createServer((request, response) => {
      const answer = request.url === '/keys' ? this.keySet() : Promise.resolve(this.discovery());
      void answer.then((body) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      );
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  private discovery(): object {
    return { issuer: this.otherName ?? this.url, jwks_uri: `${this.url}/keys` };
  }

  private async keySet(): Promise<{ keys: JWK[] }> {
    this.asked += 1;
    const keys = [...this.keys].map(async ([kid, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      kid,
    }));
    return { keys: await Promise.all(keys) };
  }
}
