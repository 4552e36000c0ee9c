import { SegmentedControl } from '@mantine/core';
import { withResolvedWeights } from '../../distill/hints/weights';
import { materialKnobs } from '../../distill/material/about';
import { sizeRemark } from '../../distill/pair';
import { objectiveKnobs, seedKnob } from '../../distill/recipe';
import { scheduleKnobs } from '../../distill/schedule/about';
import { studentKnobs } from '../../distill/students/about';
import { weightingAbouts, type WeightingId } from '../../distill/weighting/abouts';
import { DatasetChoice } from '../data/DatasetChoice';
import { Explained } from '../glossary/Explained';
import { useIsTraining, useRecipe, useRuns } from '../store/hooks';
import { instanceWords } from '../subject/instance-words';
import { useSetShape } from './data-kind';
import { HintList } from './HintList';
import { KnobField } from './KnobField';
import { KnobForm } from './KnobForm';
import { RecipeHead } from './RecipeHead';
import classes from './recipe.module.css';
import { Section } from './Section';
import * as summary from './summaries';
import { TeacherForm } from './TeacherForm';

/** The recipe as five questions and a schedule. */
export function RecipeColumn() {
  const recipe = useRecipe((state) => state.recipe);
  const running = useIsTraining();
  const facts = useRuns((state) => state.facts);
  const image = facts?.dataset.shape;
  const weights = image && withResolvedWeights(recipe, image).hints.map(({ weight }) => weight);
  const remark = facts && sizeRemark(recipe.teacher.kind, facts.networks);
  return (
    <div className={classes.column}>
      <RecipeHead />
      {running && (
        <p className={classes.lock}>
          A run is in progress. Knobs marked <span className={classes.live}>live</span> act on its next step;
          the others are fixed until it ends.
        </p>
      )}
      <Section
        id="material"
        title="Data"
        question="What is studied?"
        summary={summary.materialSummary(recipe, facts)}
      >
        <DatasetChoice />
        <p className={classes.muted}>
          What is <Explained term="labelNoise">label noise</Explained>, an{' '}
          <Explained term="unlabelled">unlabelled {instanceWords(facts).one}</Explained>, an{' '}
          <Explained term="epoch">epoch</Explained>?
        </p>
        <KnobForm knobs={materialKnobs} path="material" values={recipe.material} omit={['dataset']} />
      </Section>
      <Section
        id="teacher"
        title="Teacher"
        question="Who teaches?"
        summary={summary.teacherSummary(recipe)}
        size={summary.sizeText(facts, 'teacher')}
        remark={remark}
      >
        <TeacherForm />
      </Section>
      <Section
        id="hints"
        title="Distillation losses"
        question="What is taught?"
        summary={summary.hintsSummary(recipe, weights)}
      >
        <HintList />
      </Section>
      <Section
        id="weighting"
        title="Weighting"
        question="How much, for whom, when?"
        summary={summary.weightingSummary(recipe)}
      >
        <WeightingForm />
      </Section>
      <Section
        id="student"
        title="Student"
        question="Who learns?"
        summary={summary.studentSummary(recipe)}
        size={summary.sizeText(facts, 'student')}
        remark={remark}
      >
        <KnobForm knobs={studentKnobs} path="student" values={recipe.student} />
        <KnobForm knobs={objectiveKnobs} path="objective" values={recipe.objective} omit={['ceWeight']} />
      </Section>
      <Section
        id="schedule"
        title="Training"
        question="How long, how fast?"
        summary={summary.scheduleSummary(recipe, facts)}
      >
        <TaskLoss />
        <KnobField knob={objectiveKnobs.ceWeight} path="objective.ceWeight" />
        <KnobForm knobs={scheduleKnobs} path="schedule" values={recipe.schedule} />
        <KnobField knob={seedKnob} path="seed" />
      </Section>
    </div>
  );
}

/** What the student's own loss is, by the kind of targets of the data set. */
function TaskLoss() {
  const target = useSetShape()?.target ?? 'class';
  const term = <Explained term="crossEntropy">cross-entropy</Explained>;
  return (
    <p className={classes.muted}>
      {target === 'number' &&
        'The loss against the true values is the squared error, in deviations of the targets.'}
      {target === 'labels' && <>The loss on the labels is the binary {term} of each.</>}
      {target === 'class' && <>The loss on the labels is {term}.</>}
    </p>
  );
}

function WeightingForm() {
  const { id, knobs } = useRecipe((state) => state.recipe.weighting);
  const running = useIsTraining();
  const setWeighting = useRecipe((state) => state.setWeighting);
  const about = weightingAbouts[id];
  return (
    <>
      <SegmentedControl
        fullWidth
        aria-label="Weighting"
        disabled={running}
        value={id}
        onChange={(value) => setWeighting(value as WeightingId)}
        data={Object.values(weightingAbouts).map(({ id: value, title }) => ({
          value,
          label: title.replace(' weights', ''),
        }))}
      />
      <p className={classes.muted}>
        {about.line}
        {'badge' in about && ' Reconstruction from the abstract: the authors’ code is not public.'}
        {'metaSet' in about.knobs && (
          <>
            {' '}
            What is a <Explained term="metaSet">meta set</Explained>?
          </>
        )}
      </p>
      <KnobForm knobs={about.knobs} path="weighting.knobs" values={knobs} />
    </>
  );
}
