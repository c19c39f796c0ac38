/** One line of an answer. Lines that continue an answer have the code of the line before. */
export interface AnswerLine {
  /** Four digits: 0 what went well, 1 data, 8 a mistake of a command, 9 of its grammar. */
  readonly code: number;
  readonly text: string;
}

/** What BIRD answered to one command. */
export type Answer = readonly AnswerLine[];

/**
 * Puts what comes from a control socket of BIRD together: an answer ends with a line of four digits and a blank, other lines have a
 * hyphen or begin with a blank; what begins with a plus comes between, without being asked for.
 */
export class AnswerReader {
  private rest = '';
  private lines: AnswerLine[] = [];

  constructor(private readonly onEcho: (text: string) => void = () => undefined) {}

  /** Characters that are held for an answer that is not whole yet. */
  get held(): number {
    return this.rest.length + this.lines.reduce((sum, { text }) => sum + text.length, 0);
  }

  /** Answers that the text makes whole. */
  take(text: string): Answer[] {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    const answers: Answer[] = [];
    for (const line of lines) {
      const coded = /^(\d{4})([ -])(.*)$/.exec(line);
      if (line.startsWith('+')) this.onEcho(line.slice(1));
      else if (coded) {
        this.lines.push({ code: Number(coded[1]), text: coded[3] ?? '' });
        if (coded[2] === ' ') answers.push(this.lines.splice(0));
      } else this.lines.push({ code: this.lines.at(-1)?.code ?? 0, text: line.slice(1) });
    }
    return answers;
  }
}

/** The line that says why a command was not done; undefined: it was. */
export function mistakeIn(answer: Answer): AnswerLine | undefined {
  return answer.find(({ code }) => code >= 8000);
}

/** All lines with one of these codes. */
export function textsOf(answer: Answer, ...codes: readonly number[]): string[] {
  return answer.filter(({ code }) => codes.includes(code)).map(({ text }) => text);
}
