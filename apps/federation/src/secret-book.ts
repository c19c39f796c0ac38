import { SecretFile } from '@signalbox/runtime';

/** A secret, or why there is none. */
export type Secret = { readonly value: Buffer } | { readonly value?: undefined; readonly trouble: string };

/** The secret files in use, each watched once however many peers share it. */
export class SecretBook {
  private readonly files = new Map<string, SecretFile>();

  /** `onChange` runs when a file in use has another content. */
  constructor(private readonly onChange: () => void) {}

  /** Opens files that are new and lets go of those no longer named. */
  async use(paths: ReadonlySet<string>): Promise<void> {
    for (const [path, file] of this.files) {
      if (paths.has(path)) continue;
      file.close();
      this.files.delete(path);
    }
    const added = [...paths].filter((path) => !this.files.has(path));
    await Promise.all(
      added.map(async (path) => this.files.set(path, await new SecretFile(path, this.onChange).open())),
    );
  }

  /** What a file in use holds. */
  secretOf(path: string | undefined): Secret {
    if (path === undefined) return { trouble: 'the group names no secret file in spec.auth.secretFile' };
    const file = this.files.get(path);
    if (file?.value !== undefined) return { value: file.value };
    return { trouble: `the secret file ${path} ${file?.trouble ?? 'was not read yet'}` };
  }
}
