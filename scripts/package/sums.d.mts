export const SUMS: string;
export function writeSums(dir: string, name: string): void;
export function sumLine(file: string, name: string): string;
