import {
  BALANCE_API,
  compileSchema,
  type CodedError,
  type FieldError,
  invalid,
  isOfKind,
  POOL_MEMBER,
  poolMemberName,
  type PoolMemberSpec,
  refOf,
  type ResourceRef,
  refText,
  shape,
  specOf,
  surveyDocuments,
  WEIGHT,
} from '@signalbox/contracts';
import type { Given } from './given-documents.js';
import { type ChangesetPlan, type GivenDocument, planReplacement, type Standing } from './plan-changeset.js';

/** One member of a Pool as a request names it. */
export interface WantedMember {
  readonly backendRef: string;
  /** 0-100, default 100. */
  readonly weight?: number;
}

const checkMember = compileSchema(
  shape<WantedMember>({ backendRef: { type: 'string', format: 'non-blank' } }, { weight: WEIGHT }),
  'all',
);

/** Where a member of the request stands, and its number. */
interface Numbered {
  readonly member: WantedMember;
  readonly at: number;
}

/**
 * The PoolMembers of a Pool that a request names. Pointers start with `/members`; everything that is wrong is in
 * `failures`, so that it is told together with the references that do not resolve.
 */
export function surveyMembers(pool: ResourceRef, members: readonly unknown[]): Given {
  const wellFormed: Numbered[] = [];
  const misshapen = members.flatMap((member, at) => {
    const errors = checkMember(member);
    if (errors.length === 0) wellFormed.push({ member: member as WantedMember, at });
    return errors.map(({ pointer, message }) => ({ pointer: `/members/${at}${pointer}`, message }));
  });
  const { first, repeated } = apart(wellFormed);
  const document = {
    resources: first.map(({ member }) => resourceOf(pool, member)),
    pointerOf: (at: number, inside: string) => pointerOf(first[at]!.at, inside),
  };
  const { valid, failures, ...rest } = surveyDocuments([document], () => '');
  return {
    ...rest,
    documents: valid.map((located) => ({
      resources: located.map((one) => ({ ...one, pointer: one.pointerTo('') })),
    })),
    failures: [...failuresOf(pool, [...misshapen, ...repeated]), ...failures],
  };
}

/** Makes these all the PoolMembers of a Pool. Backends that the Pool names itself are no part of it. */
export function planMembers(
  standing: Standing,
  pool: ResourceRef,
  documents: readonly GivenDocument[],
): ChangesetPlan {
  return planReplacement(standing, documents, (resource) => {
    if (!isOfKind(resource, POOL_MEMBER) || refOf(resource).project !== pool.project) return false;
    return specOf<PoolMemberSpec>(resource).poolRef === pool.name;
  });
}

function resourceOf({ project, name: poolRef }: ResourceRef, { backendRef, weight }: WantedMember): object {
  return {
    apiVersion: BALANCE_API,
    kind: POOL_MEMBER.kind,
    metadata: { name: poolMemberName({ poolRef, backendRef }), project },
    spec: { poolRef, backendRef, ...(weight !== undefined && { weight }) },
  };
}

/** Whatever is wrong with a member but for its weight is wrong with the backend that it names. */
function pointerOf(at: number, inside: string): string {
  return `/members/${at}/${inside === '/spec/weight' ? 'weight' : 'backendRef'}`;
}

function apart(members: readonly Numbered[]): { first: Numbered[]; repeated: FieldError[] } {
  const places = new Map<string, number>();
  const first: Numbered[] = [];
  const repeated: FieldError[] = [];
  for (const one of members) {
    const place = places.get(one.member.backendRef);
    if (place === undefined) {
      places.set(one.member.backendRef, one.at);
      first.push(one);
    } else repeated.push({ pointer: pointerOf(one.at, ''), message: `is already member ${place}` });
  }
  return { first, repeated };
}

function failuresOf(pool: ResourceRef, errors: readonly FieldError[]): readonly CodedError[] {
  return errors.length === 0 ? [] : [invalid(`the members of ${refText(pool)} are not valid`, errors)];
}
