/** Which view of an instance a network sees: a recipe may show teacher and student different ones. No tensor. */
import { onlyView } from '../../data/dataset';
import { disturbingKnob } from '../material/about';
import type { Recipe } from '../recipe';

export interface InputView {
  /** Key in the data set's `inputs`. */
  input: string;
  /** Square blocks of so many pixels a side are averaged to one; 1 for images as they are. */
  block: 1 | 2 | 4;
}

/** The view of a set that has one alone, as it is. */
export const plainView: InputView = { input: onlyView, block: 1 };

/** Key of the images before noise, blur and contrast, in a set that holds them for the teacher. */
export const undisturbed = 'undisturbed';

/** Whether the studied set holds its images twice: disturbed, and as they were. */
export function keepsUndisturbed(material: Recipe['material']): boolean {
  return material.teacherView === 'undisturbed' && disturbingKnob(material) !== null;
}

/** The views that a recipe names. Downsampling is for both; the student may be shown half of what is left. */
export function inputViews({ material, student }: Pick<Recipe, 'material' | 'student'>): {
  teacher: InputView;
  student: InputView;
} {
  const input = keepsUndisturbed(material) ? undisturbed : onlyView;
  const ofStudent = student.view === 'half';
  return {
    teacher: { input, block: material.halve ? 2 : 1 },
    student: { input: onlyView, block: material.halve ? (ofStudent ? 4 : 2) : ofStudent ? 2 : 1 },
  };
}

export function isSameView(a: InputView, b: InputView): boolean {
  return a.input === b.input && a.block === b.block;
}
