import { SecretFile } from '@signalbox/runtime';

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

  /** Content of a file in use, undefined while there is none. */
  secretOf(path: string | undefined): Buffer | undefined {
    return path === undefined ? undefined : this.files.get(path)?.value;
  }
}
