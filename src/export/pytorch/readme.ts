import { onlyView } from '../../data/dataset';
import { hintAbouts } from '../../distill/hints/abouts';
import { modalityAbouts } from '../../distill/modalities/about';
import { keepsUndisturbed } from '../../distill/modalities/input-view';
import { taskAboutOf } from '../../distill/tasks/about';
import type { ExportBundle, LeavingAnswers } from '../../training/export-bundle';
import { stoppedStateOf } from './stopped';
import { dataLayout, readersOf, type DataLayout } from './project-data';

/** Whether the page takes a student that was trained there as a teacher: of images of classes, in full precision. */
export function teachesHere({ dataset, precision }: ExportBundle): boolean {
  return dataLayout(dataset) === 'folders' && !precision;
}

interface DataWords {
  /** Rows of the table of files. */
  files: string;
  /** How to train on other data. */
  own: string;
}

/** What can be done with data of each kind beside that of the page, by the kind's name on the command line. */
const readerWords: Readonly<Record<string, string>> = {
  list: '    --data list:PATH           PATH/train.txt and PATH/test.txt (or val.txt): in each line the path of a picture and what is asked of it',
  imagefolder:
    '    --data imagefolder:PATH    PATH/train/CLASS/*.jpg and PATH/test/CLASS/*.jpg (or val), as torchvision has it',
  cifar: '    --data cifar:PATH          CIFAR-10 or CIFAR-100 as torchvision downloads it',
  parquet:
    '    --data parquet:PATH        PATH/train*.parquet and PATH/test*.parquet, as on the Hugging Face Hub; needs pyarrow',
  csv: '    --data csv:PATH            PATH/train.csv and PATH/test.csv, with the columns of the recipe',
  text: '    --data text:PATH           the same with any separator (.tsv, .txt, .data); without names the columns lie in the recipe’s order, what is asked last',
};

function largerWork({ dataset, answers }: ExportBundle): string {
  const kinds = answers ? [] : Object.keys(readersOf(dataset)).map((kind) => readerWords[kind]!);
  const mayMove = !answers?.isOfPlainImages;
  const isImage = dataset.inputs[onlyView]!.kind === 'image';
  const data =
    kinds.length > 0
      ? `
Data of your own, with the ${isImage ? (dataset.target.kind === 'class' ? 'classes' : 'targets') : 'columns and targets'} of the recipe (\`readers/\`); all of them are in memory while it runs:

${kinds.join('\n')}
`
      : '';
  const moves = isImage && mayMove ? '\n    --shift 4 --flip           move and mirror images' : '';
  const preset =
    dataLayout(dataset) === 'folders' && mayMove
      ? '\n    --preset cifar100-240      a protocol of the literature in place of the schedule (presets.py): CIFAR-100, 240 epochs'
      : '';
  return `${data}
Longer and faster runs:

    --checkpoint run.pt --resume   goes on where it was stopped; --at-most 1000 stops after so many steps${moves}${preset}
    --precision bf16           networks in 16 bits (f16 on CUDA); losses and weights stay in 32
    --compile                  compiled networks, with PyTorch 2.0 or newer
    --csv losses.csv           the losses of every step; --tensorboard FOLDER the same and the scores, where it is installed
    --sync-bn                  with torchrun, batch norm over all GPUs

PyTorch 1.13 with Python 3.11 has a fault for which torchrun starts nothing and says “'NoneType' object has no attribute 'get'”:
\`torchrun --redirects 1 --tee 1 --nproc_per_node=4 train.py\` goes round it.
`;
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

/** Where the pictures lie that the teacher sees in place of the student's. */
const undisturbedFiles: Readonly<Record<DataLayout, string>> = {
  folders:
    '| `data/undisturbed/` | the images before noise, blur and contrast, which the teacher sees under the same names; without it, it sees the student’s |',
  arrays:
    '| `shown` in these files | the images before noise, blur and contrast, which the teacher sees; without it, it sees the student’s |',
};

const answersWords = ({ isOfPlainImages }: LeavingAnswers): string =>
  `The teacher’s answers (\`weights/teacher-answers.safetensors\`) are by the rows of the data here, in the order of the page, and of no others:
to train on data of your own, save the folder of a recipe whose teacher is a network${isOfPlainImages ? '. They are of the images as they are, so these are not moved.' : ', or has answers for your data. They stay the same where the student sees an instance moved.'}`;

/** How to train on other data, or why not. */
function ownWords({ dataset, recipe, answers }: ExportBundle): string {
  if (answers) return answersWords(answers);
  const layout = dataLayout(dataset);
  const { own } = dataWords[layout];
  const showsOthers = layout === 'folders' && keepsUndisturbed(recipe.material);
  return showsOthers
    ? `${own}\nPut the teacher’s pictures of them into \`data/undisturbed\`, or take that folder away.`
    : own;
}

function teacherLineOf({ teachers, answers }: ExportBundle): string {
  if (answers) return 'Teacher: its answers, one row for each instance.';
  return teachers.length > 0
    ? `Teacher: ${teachers.map(({ network }) => network).join(' + ')}.`
    : 'No teacher.';
}

/** Packages with the versions that the scripts are made for; `pip` reads it. */
export function requirements({ dataset }: ExportBundle): string {
  const isImage = dataset.inputs[onlyView]!.kind === 'image';
  return `# Tested with torch 1.13 and 2.13, numpy 1.24 and 2.4.
torch>=1.13,<3
numpy>=1.21,<3
${isImage ? '# For pictures that are not plain PNG files or have another size.\npillow>=9.1,<13\n' : ''}# For --data parquet and --tensorboard:
# pyarrow>=10
# tensorboard>=2.10
`;
}

/** The README of the project. */
export function readme(bundle: ExportBundle, title: string): string {
  const { recipe, dataset, answers, hintKeys } = bundle;
  const layout = dataLayout(dataset);
  const { files } = dataWords[layout];
  const own = ownWords(bundle);
  const further = [
    ...(answers && layout === 'folders'
      ? ['| `data/test.csv` | the order of the test images, for the teacher’s answers |']
      : []),
    ...(keepsUndisturbed(recipe.material) && !answers ? [undisturbedFiles[layout]] : []),
  ]
    .map((line) => `\n${line}`)
    .join('');
  const { many } = modalityAbouts[dataset.inputs[onlyView]!.kind];
  const { loss, scores } = taskAboutOf(dataset);
  const hints = recipe.hints.map(
    ({ id, weight }, h) => `- ${hintAbouts[id].title} (\`${hintKeys[h]}\`), weight ${weight}`,
  );
  const { attribution } = dataset;
  const larger = largerWork(bundle);
  const stopped = stoppedStateOf(bundle);
  return `# ${title}, in PyTorch

A recipe of Retort to go on with: the same networks, ${many}, targets, weights and losses.

    python train.py                          one GPU, or the processor
    torchrun --nproc_per_node=4 train.py     several GPUs
    python train.py --check                  the first batch's losses and the test scores, here and on the page
    python train.py --from trained           a training of its own, from the student as the page left it${
      stopped
        ? `
    python train.py --resume                 goes on from where the page was stopped, after step ${stopped.done} of ${recipe.schedule.steps}`
        : ''
    }

It needs Python 3.8 or newer with what is in \`requirements.txt\` (\`pip install -r requirements.txt\`). \`--steps\` or
\`--epochs\`, \`--batch\` and \`--learning-rate\` take the place of the recipe's values; \`python train.py --help\` lists all that can be asked for.
The student is saved as \`student.safetensors\`${teachesHere(bundle) ? ', which the page reads as a teacher' : ''}; with
\`metrics.json\` beside it, it opens in the page as a run, under “Runs”. Its score is the ${scores[0].title.toLowerCase()} on the test split.

## Larger work
${larger}
## What is here

| file | content |
| --- | --- |
| \`train.py\`, \`options.py\` | the run, and what can be asked for |
| \`training.py\`, \`checkpoints.py\` | its steps, and its whole state in a file |${
    stopped ? '\n| `stopped.py` | the state in which the page was stopped |' : ''
  }
| \`logs.py\`, \`speed.py\` | tables and TensorBoard; mixed precision and compilation |
| \`recipe.json\` | the recipe, the targets, mean and deviation, the losses of the first batch, the scores |
| \`networks/\` | ${answers ? 'the student' : 'student and teacher'}, with the usual parameter names |
| \`metrics.py\`, \`scores.py\` | what is measured, and \`metrics.json\` as the page reads it |
| \`tasks/\` | how targets are encoded, their loss and the score |
| \`hints/\`, \`weighting/\` | the distillation losses, a file each, and how much each of them counts |
| \`processes.py\` | several GPUs: who computes which rows, and how losses see the whole batch |
| \`teachers/\`, \`optimisers/\` | the teacher as the student is shown it, and how parameters move |
| \`batches.py\`, \`streams.py\` | which ${many} a step sees: those of the page, from the same random streams |
| \`data.py\`, \`views.py\` | the ${many} as they are held, and as student and teacher see them |
${files}${further}
| \`weights/\` | ${answers ? 'the teacher’s answers' : 'teacher'}, student as trained and before its first step, as safetensors |

Student: ${recipe.student.network}. ${teacherLineOf(bundle)} ${loss.title} weight ${recipe.objective.ceWeight}.
${hints.length > 0 ? `\nDistillation losses:\n\n${hints.join('\n')}\n` : ''}
${own}

## What is not the same

- Batches, and what is drawn for them, are those of the page; only dropout is drawn anew. From the same first weights the
  losses are therefore those of the page, but for rounding, which a large learning rate lets grow.
- On several GPUs the losses are those of the whole batch, also where they compare ${many}; only batch norm normalises each
  GPU's own part of it, unless \`--sync-bn\` is set, which was not tested for want of such a machine.
- The baseline (no teacher) is not trained here. To have one, set the weights of the losses in \`recipe.json\` to 0, and
  \`ceWeight\` to 1.

## Licences

The scripts are under the MIT licence. Data: ${dataset.title}${attribution ? `; ${attribution.text} Licence: ${attribution.licence}.` : ', your own.'}
`;
}
