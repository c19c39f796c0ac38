import type { OutputFlags, DryRunFlags } from '../commands/options.js';
import type { ApplyAnswer } from '../rest/answers.js';
import type { Session } from '../session.js';

/** Prints what a changeset did, or would do and what would follow. */
export async function printAnswer(
  session: Session,
  answer: ApplyAnswer,
  { output, full }: OutputFlags & Pick<DryRunFlags, 'full'>,
): Promise<void> {
  await session.printOne(answer, output, async (_answer, _format, style) => {
    const paint = session.paint();
    const { planText } = await import('../views/plan.view.js');
    const plan = planText(answer, paint);
    if (!answer.effect) return plan;
    const { effectText } = await import('../views/effect.view.js');
    return `${plan}${effectText(answer.effect, answer.plan, { ...style, paint, full })}`;
  });
}
