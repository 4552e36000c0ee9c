import { Select } from '@mantine/core';
import {
  answersByRows,
  comesFromFiles,
  teacherAbouts,
  type TeacherKind,
} from '../../distill/teachers/abouts';
import { answersFileKnobs } from '../../distill/teachers/recorded/about';
import { fileKnobs } from '../../distill/teachers/single/about';
import { useData, useIsTraining, useRecipe } from '../store/hooks';
import { ImportedTeacher } from './ImportedTeacher';
import { teacherRefusal, useSetShape } from './data-kind';
import { teacherFits } from './edits';
import { KnobForm } from './KnobForm';
import classes from './recipe.module.css';

/** Who teaches: the kind of teacher, and its knobs. */
export function TeacherForm() {
  const recipe = useRecipe((state) => state.recipe);
  const running = useIsTraining();
  const setKind = useRecipe((state) => state.setTeacherKind);
  const set = useSetShape();
  const { kind, knobs } = recipe.teacher;
  const why = teacherRefusal(teacherAbouts[kind], set);
  const known = useData((state) => state.importedTeacher.teacher);
  const kinds = known?.id === knobs.file ? known?.kinds : undefined;
  const isRecorded = answersByRows(recipe.teacher);
  const optionProblem = (name: string, value: string) => {
    if (isRecorded)
      return name === 'fileAnswers' && kinds && !isIn(kinds, value) ? 'these numbers are none' : null;
    const isFree = name !== 'source' || value === 'train' || value === 'file';
    return isFree || teacherFits(value, recipe) ? null : 'for other data';
  };
  return (
    <>
      <Select
        aria-label="Kind of teacher"
        disabled={running}
        allowDeselect={false}
        value={kind}
        onChange={(value) => value !== null && setKind(value as TeacherKind)}
        data={Object.values(teacherAbouts).map((about) => {
          const unfit = teacherRefusal(about, set);
          return {
            value: about.id,
            label: unfit ? `${about.title}, not for this data` : about.title,
            disabled: unfit !== null,
          };
        })}
      />
      <p className={classes.muted}>{teacherAbouts[kind].line}</p>
      {why && <p className={classes.problem}>{why}</p>}
      {isRecorded && <ImportedTeacher />}
      <KnobForm
        knobs={teacherAbouts[kind].knobs}
        path="teacher.knobs"
        values={knobs}
        omit={Object.keys(isRecorded ? answersFileKnobs : fileKnobs)}
        optionProblem={optionProblem}
      />
      {!isRecorded && comesFromFiles(recipe.teacher) && <ImportedTeacher />}
    </>
  );
}

const isIn = (list: readonly string[], value: string) => list.includes(value);
