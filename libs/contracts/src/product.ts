import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the product's own package.json says of it. */
export interface ProductManifest {
  readonly version: string;
  readonly description: string;
}

/** The product's directory: the first one above this file that has a package.json; a bundle lies elsewhere than its source. */
export function productDir(): string {
  return found().dir;
}

/** The product's package.json. */
export function productManifest(): ProductManifest {
  return found().manifest;
}

/** The file that starts a program, as the build makes it: an app, or `prober-process`. Absolute. */
export function programFile(name: string): string {
  return join(productDir(), 'dist', 'bundle', `${name}.js`);
}

function found(): { readonly dir: string; readonly manifest: ProductManifest } {
  let dir = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    try {
      return {
        dir,
        manifest: JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as ProductManifest,
      };
    } catch (error) {
      if (dirname(dir) === dir) throw error;
      dir = dirname(dir);
    }
  }
}
