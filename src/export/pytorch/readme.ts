import { hintAbouts } from '../../distill/hints/abouts';
import type { ExportBundle } from '../../training/export-bundle';

/** The README of the project. */
export function readme({ recipe, dataset, teachers, hintKeys }: ExportBundle, title: string): string {
  const hints = recipe.hints.map(
    ({ id, weight }, h) => `- ${hintAbouts[id].title} (\`${hintKeys[h]}\`), weight ${weight}`,
  );
  const { attribution } = dataset;
  return `# ${title}, in PyTorch

A recipe of Retort to go on with: the same networks, images, labels, weights and losses.

    python train.py                          one GPU, or the processor
    torchrun --nproc_per_node=4 train.py     several GPUs
    python train.py --check                  the first batch's losses and the test accuracies, here and on the page
    python train.py --from trained           goes on with the student as the page left it

It needs Python 3.8 or newer with torch and numpy (\`pip install torch numpy\`); pillow only for pictures of your own that
are not plain PNG files or have another size. \`--steps\`, \`--batch\` and \`--learning-rate\` take the place of the recipe's
values. The student is saved as \`student.safetensors\`, which the page reads as a teacher.

## What is here

| file | content |
| --- | --- |
| \`recipe.json\` | the recipe, the networks step by step, mean and deviation, the losses of the first batch, the accuracies |
| \`train.py\` | the training loop |
| \`network.py\` | makes the networks from \`recipe.json\`, with the usual parameter names |
| \`hints/\` | the losses, a file each |
| \`data.py\`, \`pictures.py\` | read \`data/train/CLASS/*.png\` and \`data/test/CLASS/*.png\` |
| \`weights/\` | teacher, student as trained and before its first step, as safetensors |
| \`data/train.csv\` | per training image: the label the student is given (none for unlabelled ones) and its role |

Student: ${recipe.student.network}. ${teachers.length > 0 ? `Teacher: ${teachers.map(({ network }) => network).join(' + ')}.` : 'No teacher.'} Cross-entropy weight ${recipe.objective.ceWeight}.
${hints.length > 0 ? `\nDistillation losses:\n\n${hints.join('\n')}\n` : ''}
To train on more images, put them into the class folders and delete \`data/train.csv\`: all of them then keep their
folder's label.

## What is not the same

- After the first batch the images come in another order, and random shifts and flips are others: the curves agree in
  kind, not in each number.
- On several GPUs each one normalises its own part of the batch, and hints that compare images compare those of its part.
- The baseline (no teacher) is not trained here. To have one, set the weights of the losses in \`recipe.json\` to 0.

## Licences

The scripts are under the MIT licence. Images: ${dataset.title}${attribution ? `; ${attribution.text} Licence: ${attribution.licence}.` : ', your own.'}
`;
}
