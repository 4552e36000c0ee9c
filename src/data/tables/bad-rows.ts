/** Rows of one file that cannot be read: left out by line, or a reason to refuse the file. */
import { Refusal, type ImportContext } from '../import-context';
import { counted, plural } from '../limits';

/** Above this share of bad rows the table is refused. */
const badShare = 0.05;

export class BadRows {
  private readonly bad: { line: number; why: string }[] = [];
  private good = 0;

  constructor(
    private readonly where: string,
    private readonly context: ImportContext,
  ) {}

  add(line: number, why: string): void {
    this.bad.push({ line, why });
  }

  countGood(): void {
    this.good++;
  }

  /** Call it after the last row. Throws a refusal where too many are bad. */
  report(): void {
    const { bad, good, where } = this;
    const [first] = bad;
    if (first && bad.length > badShare * (bad.length + good))
      throw new Refusal(
        `${where} has ${plural(bad.length, 'bad row')} among ${counted(bad.length + good)}, more than 5 %; the first: line ${first.line} ${first.why}. Mend the table or save it anew.`,
      );
    for (const { line, why } of bad) this.context.skip(`${where}, line ${line}`, why);
  }
}
