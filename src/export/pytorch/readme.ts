import { onlyView } from '../../data/dataset';
import { hintAbouts } from '../../distill/hints/abouts';
import { modalityAbouts } from '../../distill/modalities/about';
import { taskAboutOf } from '../../distill/tasks/about';
import { isRounded } from '../../nn/graph/emit';
import type { ExportBundle } from '../../training/export-bundle';
import { dataLayout, type DataLayout } from './project-data';

/** Whether the page takes a student that was trained there as a teacher: of images of classes, in full precision. */
export function teachesHere({ dataset, writtenStudent }: ExportBundle): boolean {
  return dataLayout(dataset) === 'folders' && !isRounded(writtenStudent);
}

interface DataWords {
  /** Rows of the table of files. */
  files: string;
  /** How to train on other data. */
  own: string;
}

const dataWords: Readonly<Record<DataLayout, DataWords>> = {
  folders: {
    files: `| \`folders.py\`, \`pictures.py\` | read \`data/train/CLASS/*.png\` and \`data/test/CLASS/*.png\` |
| \`data/train.csv\` | per training image: the label the student is given (none for unlabelled ones) and its role |`,
    own: `To train on more images, put them into the class folders and delete \`data/train.csv\`: all of them then keep their
folder's label.`,
  },
  arrays: {
    files: `| \`arrays.py\` | reads \`data/train.safetensors\` and \`data/test.safetensors\`, and says what is in them |`,
    own: `To train on data of your own, write the two files with the arrays \`inputs\` and \`targets\` alone: the student is then given
all targets.`,
  },
};

/** The README of the project. */
export function readme(bundle: ExportBundle, title: string): string {
  const { recipe, dataset, teachers, hintKeys } = bundle;
  const layout = dataLayout(dataset);
  const { files, own } = dataWords[layout];
  const { many } = modalityAbouts[dataset.inputs[onlyView]!.kind];
  const { loss, scores } = taskAboutOf(dataset);
  const hints = recipe.hints.map(
    ({ id, weight }, h) => `- ${hintAbouts[id].title} (\`${hintKeys[h]}\`), weight ${weight}`,
  );
  const { attribution } = dataset;
  return `# ${title}, in PyTorch

A recipe of Retort to go on with: the same networks, ${many}, targets, weights and losses.

    python train.py                          one GPU, or the processor
    torchrun --nproc_per_node=4 train.py     several GPUs
    python train.py --check                  the first batch's losses and the test scores, here and on the page
    python train.py --from trained           goes on with the student as the page left it
    python train.py --log losses.csv         the losses of every step, as a table; --tensorboard FOLDER writes them there
    python train.py --checkpoint run.pt --resume
                                             goes on where it was stopped; --at-most 1000 stops after so many steps
    python train.py --precision bf16 --compile
                                             faster on GPUs: networks in 16 bits, compiled (PyTorch 2.0 or newer)

It needs Python 3.8 or newer with torch and numpy (\`pip install torch numpy\`)${layout === 'folders' ? '; pillow only for pictures of your own that\nare not plain PNG files or have another size' : ''}. \`--steps\` or \`--epochs\`, \`--batch\`, \`--learning-rate\`${layout === 'folders' ? ', `--shift` and `--flip`' : ''} take the place of the
recipe's values${layout === 'folders' ? ', and `--preset` that of its schedule (`presets.py`: CIFAR-100 as in the literature, 240 epochs)' : ''}; \`--help\` lists all. The student is saved as \`student.safetensors\`${teachesHere(bundle) ? ', which the page reads as a teacher' : ''}; with
\`metrics.json\` beside it, it opens in the page as a run, under “Runs”. Its score is the ${scores[0].title.toLowerCase()} on the test split.

## What is here

| file | content |
| --- | --- |
| \`train.py\`, \`options.py\` | the run, and what can be asked for |
| \`training.py\`, \`checkpoints.py\` | its steps, and its whole state in a file |
| \`logs.py\`, \`speed.py\` | tables and TensorBoard; mixed precision and compilation |
| \`recipe.json\` | the recipe, the networks step by step, the targets, mean and deviation, the losses of the first batch, the scores |
| \`network.py\` | makes the networks from \`recipe.json\`, with the usual parameter names |
| \`metrics.py\`, \`scores.py\` | what is measured, and \`metrics.json\` as the page reads it |
| \`tasks.py\` | how targets are encoded, their loss and the score |
| \`hints/\`, \`weighting/\` | the distillation losses, a file each, and how much each of them counts |
| \`processes.py\` | several GPUs: who computes which rows, and how losses see the whole batch |
| \`teachers/\`, \`optimisers/\` | the teacher as the student is shown it, and how parameters move |
| \`batches.py\`, \`streams.py\` | which ${many} a step sees: those of the page, from the same random streams |
| \`data.py\`, \`views.py\` | the ${many} as they are held, and as student and teacher see them |
${files}
| \`weights/\` | teacher, student as trained and before its first step, as safetensors |

Student: ${recipe.student.network}. ${teachers.length > 0 ? `Teacher: ${teachers.map(({ network }) => network).join(' + ')}.` : 'No teacher.'} ${loss.title} weight ${recipe.objective.ceWeight}.
${hints.length > 0 ? `\nDistillation losses:\n\n${hints.join('\n')}\n` : ''}
${own}

## What is not the same

- Batches, and what is drawn for them, are those of the page; only dropout is drawn anew. From the same first weights the
  losses are therefore those of the page, but for rounding, which a large learning rate lets grow.
- On several GPUs the losses are those of the whole batch, also where they compare ${many}; only batch norm normalises each
  GPU's own part of it, unless \`--sync-bn\` is set (not tested on the page's side, which has no such machine).
- The baseline (no teacher) is not trained here. To have one, set the weights of the losses in \`recipe.json\` to 0.

## Licences

The scripts are under the MIT licence. Data: ${dataset.title}${attribution ? `; ${attribution.text} Licence: ${attribution.licence}.` : ', your own.'}
`;
}
