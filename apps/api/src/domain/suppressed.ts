import {
  type Directive,
  type Masking,
  maskTargetRef,
  type Part,
  refKey,
  type ResourceRef,
  type SuppressedResource,
  suppressedResource,
} from '@signalbox/contracts';

/** An operator resource that masks hide, as answers tell it. Reference 7.4 step 4 and 7.6. */
export interface SuppressedItem extends ResourceRef {
  /** `DynamicConfigPart/<source>`, sorted, with commas between. */
  readonly maskedBy: string;
  /** RFC 3339; null: a part that masks it is held. */
  readonly maskedUntil: string | null;
  readonly reason?: string;
}

/** What active parts hide, by identity. */
export function suppressedBy(
  parts: readonly Pick<Part, 'source' | 'expiresAt' | 'directives'>[],
): SuppressedItem[] {
  const byTarget = new Map<string, { target: ResourceRef; maskings: Masking[] }>();
  for (const part of parts) {
    for (const { key, target, masking } of maskingsOf(part)) {
      const found = byTarget.get(key);
      if (found) found.maskings.push(masking);
      else byTarget.set(key, { target, maskings: [masking] });
    }
  }
  return [...byTarget]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { target, maskings }]) => suppressedItem(suppressedResource(target, maskings)));
}

/** The masks of a part, the first of each target. */
function maskingsOf({
  source,
  expiresAt,
  directives,
}: Pick<Part, 'source' | 'expiresAt' | 'directives'>): readonly {
  readonly key: string;
  readonly target: ResourceRef;
  readonly masking: Masking;
}[] {
  const first = new Map<string, Directive>();
  for (const directive of directives) {
    const key = refKey(maskTargetRef(directive.target));
    if (!first.has(key)) first.set(key, directive);
  }
  return Array.from(first, ([key, { target, reason }]) => ({
    key,
    target: maskTargetRef(target),
    masking: {
      source,
      ...(expiresAt !== undefined && { expiresAt }),
      ...(reason !== undefined && { reason }),
    },
  }));
}

/** What a record says was hidden, as answers tell it. */
export function suppressedItem({ target, maskedBy, until, reason }: SuppressedResource): SuppressedItem {
  return {
    ...target,
    maskedBy: maskedBy.map((source) => `DynamicConfigPart/${source}`).join(','),
    maskedUntil: until ?? null,
    ...(reason !== undefined && { reason }),
  };
}
