export const CHART: string;
export const RENDERED: string;
export const RELEASES: Readonly<Record<'defaults' | 'everything', readonly string[]>>;
export function chartDigest(): string;
