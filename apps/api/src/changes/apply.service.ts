import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_PROJECT, keyOf, POOL, refText } from '@signalbox/contracts';
import { SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { cascadeOf, withCascade } from '../domain/cascade.js';
import { checkPlan } from '../domain/check-plan.js';
import { onlyResource, surveyResources, surveyText } from '../domain/given-documents.js';
import { setIn } from '../domain/in-one-project.js';
import { findStanding, type ResourceName } from '../domain/pick-resource.js';
import {
  foreignMembers,
  type Owned,
  planChangeset,
  planRemoval,
  planReturn,
} from '../domain/plan-changeset.js';
import { planMembers, surveyMembers } from '../domain/pool-members.js';
import type { Author } from '../http/author.js';
import { ApplyAnswers, type ApplyResult } from './apply-answers.js';
import { ApplyMetrics } from './apply.metrics.js';
import { refuseOtherRevision, refuseUnseen } from './preconditions.js';
import { Quotas } from './quotas.js';
import { type ChangeBy, type Decide, ResourceJournal } from './resource-journal.js';

/** One apply as a caller asks for it. */
export interface ApplyRequest extends Author {
  readonly text: string;
  readonly message?: string;
  readonly set?: string;
  /** Everything that is given stands in it, and the set is one of it. */
  readonly project?: string;
  readonly dryRun: boolean;
  /** `If-Match` header: the revision of the site at which the caller looked. */
  readonly ifMatch?: string;
  /** How long the answer waits for what follows, as a duration; absent: COMMAND_WAIT_MS. */
  readonly wait?: string;
}

/** The deletion of one resource. */
export interface RemoveRequest extends ResourceName, Author {
  /** `If-Match` header. */
  readonly ifMatch?: string;
  /** What only serves it goes as well, see `cascadeOf`. */
  readonly cascade?: boolean;
}

/** One resource as it shall be. */
export interface PutRequest extends Pick<
  ApplyRequest,
  'text' | 'author' | 'from' | 'message' | 'project' | 'dryRun' | 'wait'
> {
  readonly kind: string;
  readonly name: string;
  /** `If-Match` header: `ETag` of the version that is replaced. */
  readonly ifMatch?: string;
  /** `If-None-Match: *`: it must not stand yet. */
  readonly isNew: boolean;
}

/** All PoolMembers of a Pool. */
export interface MembersRequest extends Author {
  readonly pool: string;
  readonly project?: string;
  /** Not yet looked at. */
  readonly members: readonly unknown[];
  /** As that of {@link ApplyRequest}. */
  readonly ifMatch?: string;
}

/** A return to how everything stood at a revision. */
export interface ReturnRequest extends Pick<
  ApplyRequest,
  'author' | 'from' | 'message' | 'dryRun' | 'wait' | 'ifMatch'
> {
  readonly revision: number;
  /** What stood there. */
  readonly past: readonly Owned[];
}

/** Every change of operator resources: decided on as a whole, appended as one changeset, answered when readable. */
@Injectable()
export class ApplyService {
  constructor(
    private readonly journal: ResourceJournal,
    private readonly answers: ApplyAnswers,
    private readonly metrics: ApplyMetrics,
    private readonly quotas: Quotas,
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
  ) {}

  async apply(request: ApplyRequest): Promise<ApplyResult> {
    return request.dryRun ? this.applied(request) : this.metrics.count(() => this.applied(request));
  }

  private async applied({
    text,
    author,
    from,
    message = '',
    set: named,
    project,
    dryRun,
    wait,
    ifMatch,
  }: ApplyRequest): Promise<ApplyResult> {
    const given = surveyText(text, project);
    const set = named === undefined || project === undefined ? named : setIn(project, named);
    const { documents, failures } = given;
    const excessesOf = await this.quotas.checkOf(documents);
    const decide: Decide = (standing, revision) => {
      refuseOtherRevision(revision, ifMatch);
      const planned = planChangeset(standing, documents, set);
      const foreign = foreignMembers(standing, documents, set);
      const survey = foreign ? { ...given, failures: [...failures, foreign] } : given;
      checkPlan(standing, planned, survey, excessesOf);
      return planned;
    };
    // what is wrong already is not put in line behind other changes
    const decided =
      dryRun || failures.length > 0
        ? this.journal.preview(decide)
        : await this.journal.append(decide, changeBy(author, from, message));
    return this.answers.of(decided, { given: documents, dryRun, wait, project });
  }

  /**
   * Makes the given ones all the PoolMembers of a Pool. Throws `not-found` when there is no such Pool, and everything
   * that is wrong with the members as one error; then nothing has changed.
   */
  async replaceMembers({
    pool,
    project,
    members,
    author,
    from,
    ifMatch,
  }: MembersRequest): Promise<ApplyResult> {
    const { apiVersion, kind } = POOL;
    const ref = { apiVersion, kind, project: project ?? DEFAULT_PROJECT, name: pool };
    const given = surveyMembers(ref, members);
    const excessesOf = await this.quotas.checkOf(given.documents);
    const decide: Decide = (standing, revision) => {
      refuseOtherRevision(revision, ifMatch);
      findStanding(standing, ref);
      const planned = planMembers(standing, ref, given.documents);
      checkPlan(standing, planned, given, excessesOf);
      return planned;
    };
    const message = `members of ${refText(ref)}`;
    return this.metrics.count(async () => {
      const isWrong = given.failures.length > 0;
      const decided = isWrong
        ? this.journal.preview(decide)
        : await this.journal.append(decide, changeBy(author, from, message));
      return this.answers.of(decided, { given: given.documents });
    });
  }

  /**
   * Makes one resource what is given. Throws `revision-conflict` when another version stands than `ifMatch` names, or any where it must
   * be new, `precondition-required`, and all that an apply throws; then nothing has changed.
   */
  async put({ kind, name, ifMatch, isNew, ...request }: PutRequest): Promise<ApplyResult> {
    const {
      text,
      project = DEFAULT_PROJECT,
      dryRun,
      author,
      from,
      message = `put ${kind}/${name}`,
      wait,
    } = request;
    const given = surveyText(text, project);
    const ref = given.failures.length > 0 ? undefined : onlyResource(given, kind, name);
    const excessesOf = await this.quotas.checkOf(given.documents);
    const decide: Decide = (standing) => {
      if (ref) refuseUnseen(ref, standing, { ifMatch, isNew, isRequired: this.config.http.requireIfMatch });
      const planned = planChangeset(standing, given.documents);
      checkPlan(standing, planned, given, excessesOf);
      return planned;
    };
    const done = async (): Promise<ApplyResult> => {
      const decided =
        dryRun || !ref
          ? this.journal.preview(decide)
          : await this.journal.append(decide, changeBy(author, from, message));
      return this.answers.of(decided, { given: given.documents, dryRun, wait, project });
    };
    return dryRun ? done() : this.metrics.count(done);
  }

  /**
   * Deletes one resource, with `cascade` what only serves it as well. Throws `not-found`, `reference-missing` while others
   * refer to it, and `revision-conflict` when `ifMatch` names another revision of it.
   */
  async remove({ author, from, ifMatch, cascade = false, ...wanted }: RemoveRequest): Promise<ApplyResult> {
    const decide: Decide = (standing) => {
      const ref = findStanding(standing, wanted);
      refuseUnseen(ref, standing, { ifMatch, isRequired: this.config.http.requireIfMatch });
      const planned = planRemoval(standing, ...(cascade ? cascadeOf(standing, ref) : [ref]));
      try {
        checkPlan(standing, planned);
      } catch (error) {
        throw cascade ? error : withCascade(error, standing, ref);
      }
      return planned;
    };
    const message = `delete ${wanted.kind}/${wanted.name}${cascade ? ' with what serves it' : ''}`;
    return this.metrics.count(async () =>
      this.answers.of(await this.journal.append(decide, changeBy(author, from, message)), { given: [] }),
    );
  }

  /**
   * Brings all operator resources back to how they stood at a revision, by a new changeset. Throws everything that is wrong with
   * them as one error, as an apply does; then nothing has changed.
   */
  async returnTo({
    revision,
    past,
    author,
    from,
    message,
    dryRun,
    wait,
    ifMatch,
  }: ReturnRequest): Promise<ApplyResult> {
    const given = surveyResources(past.map(({ resource }) => resource));
    const setOf = new Map(past.map(({ resource, set }) => [keyOf(resource), set]));
    const excessesOf = await this.quotas.checkOf(given.documents);
    const wanted = new Map(
      given.documents
        .flatMap(({ resources }) => resources)
        .map(({ resource }): [string, Owned] => {
          const set = setOf.get(keyOf(resource));
          return [keyOf(resource), { resource, ...(set !== undefined && { set }) }];
        }),
    );
    const decide: Decide = (standing, current) => {
      refuseOtherRevision(current, ifMatch);
      const planned = planReturn(standing, wanted);
      checkPlan(standing, planned, given, excessesOf);
      return planned;
    };
    const by = changeBy(author, from, message ?? `rollback to revision ${revision}`);
    const isPreview = dryRun || given.failures.length > 0;
    const done = async (): Promise<ApplyResult> => {
      const decided = isPreview ? this.journal.preview(decide) : await this.journal.append(decide, by);
      return this.answers.of(decided, { given: given.documents, dryRun, wait });
    };
    return dryRun ? done() : this.metrics.count(done);
  }
}

function changeBy(author: string, from: Author['from'], message: string): ChangeBy {
  return { author, message, ...(from && { from }) };
}
