import { Select } from '@mantine/core';
import { teacherAbouts, type TeacherKind } from '../../distill/teachers/abouts';
import { fileKnobs } from '../../distill/teachers/single/about';
import { useLibrary, useRecipe } from '../store/hooks';
import { ImportedTeacher } from './ImportedTeacher';
import { teacherFits } from './edits';
import { KnobForm } from './KnobForm';
import classes from './recipe.module.css';

/** Who teaches: the kind of teacher, and its knobs. */
export function TeacherForm() {
  const recipe = useRecipe((state) => state.recipe);
  const running = useLibrary((state) => state.active !== null);
  const setKind = useRecipe((state) => state.setTeacherKind);
  const { kind, knobs } = recipe.teacher;
  return (
    <>
      <Select
        aria-label="Kind of teacher"
        disabled={running}
        allowDeselect={false}
        value={kind}
        onChange={(value) => value !== null && setKind(value as TeacherKind)}
        data={Object.values(teacherAbouts).map((about) => ({ value: about.id, label: about.title }))}
      />
      <p className={classes.muted}>{teacherAbouts[kind].line}</p>
      <KnobForm
        knobs={teacherAbouts[kind].knobs}
        path="teacher.knobs"
        values={knobs}
        omit={Object.keys(fileKnobs)}
        optionProblem={(name, value) =>
          name !== 'source' || value === 'train' || value === 'file' || teacherFits(value, recipe)
            ? null
            : 'for other data'
        }
      />
      {knobs.source === 'file' && <ImportedTeacher />}
    </>
  );
}
