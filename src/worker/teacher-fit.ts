/** Whether a teacher from files answers on a set better than chance, looked at once for each teacher, set and view. */
import type { Dataset } from '../data/dataset';
import { inputViews, plainView } from '../distill/modalities/input-view';
import type { Recipe } from '../distill/recipe';
import { sentenceOf } from '../limits/texts';
import { teacherOf } from '../storage/stored-teachers';
import type { ImportedFiles } from '../training/asset-readers';
import { inspectTeacher, type ChosenNetwork, type InspectedTeacher } from '../training/inspect-teacher';

/** Sentences on why it may be the wrong one, or why it cannot teach there. */
type TeacherFit = { doubts: string[] } | { problem: string };

const mostKnown = 50;

export class TeacherFits {
  private readonly known = new Map<string, TeacherFit>();

  /** @param files of a teacher by its checksum */
  constructor(private readonly files: ImportedFiles) {}

  /** What was found when its files were taken. @param set digest or id of the data set */
  remember(file: string, recipe: Recipe, set: string, { doubts }: Pick<InspectedTeacher, 'doubts'>): void {
    this.put(keyOf(file, recipe, set), { doubts });
  }

  /** Null for a teacher that comes from no file, or whose file is not here. Needs a backend. */
  async of(recipe: Recipe, dataset: Dataset, set: string): Promise<TeacherFit | null> {
    const file = teacherOf(recipe);
    if (file === null) return null;
    const key = keyOf(file, recipe, set);
    const before = this.known.get(key);
    if (before) return before;
    const files = await this.files(file).catch(() => null);
    if (!files) return null;
    return inspectTeacher(files, dataset, viewOf(recipe), chosenIn(recipe)).then(
      ({ doubts }) => this.put(key, { doubts }),
      // Not remembered: a device may fail once, and files that do not fit are refused at once.
      (error: unknown) => ({ problem: sentenceOf(error) }),
    );
  }

  private put(key: string, fit: TeacherFit): TeacherFit {
    if (this.known.size >= mostKnown) this.known.clear();
    this.known.set(key, fit);
    return fit;
  }
}

/** What was found when the files were taken, so that it is not searched again. */
function chosenIn({ teacher: { kind, knobs } }: Recipe): ChosenNetwork | undefined {
  const { fileNetwork, fileMean, fileDeviation, fileClasses = 0 } = knobs;
  if (kind !== 'single' || fileNetwork === undefined) return undefined;
  const normalisation = { mean: fileMean!, deviation: fileDeviation! };
  return { network: fileNetwork, normalisation, otherClasses: fileClasses };
}

/** Of the set as it was imported. */
export const viewOf = (recipe: Recipe) => ({ ...plainView, block: inputViews(recipe).teacher.block });

const keyOf = (file: string, recipe: Recipe, set: string) => `${file} ${set} ${viewOf(recipe).block}`;
