/** Where a program is; undefined: not installed. */
export declare function programFile(name: string): string | undefined;

/** Why no such world can be made here, with what to do; undefined: it can. */
export declare function whatLacks(): string | undefined;
