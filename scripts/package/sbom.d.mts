export interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version?: string;
  readonly purl: string;
  readonly licenses?: readonly object[];
}
export interface SoftwareBill {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}
export function softwareBill(options?: { readonly servers?: boolean }): SoftwareBill;
