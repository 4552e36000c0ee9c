/** How a network from a file is meant, where its file does not say: which of several bodies, and what its images were scaled by. */
import { taskOf } from '../distill/tasks/task-of';
import { classNames, labelsOf, targetsOf, type Dataset, type Split } from '../data/dataset';
import type { ImageNormalisation, ImageSource } from '../distill/modalities/image/image-source';
import { describeNetwork } from '../nn/describe';
import type { NamedArray } from '../nn/layouts';
import { Network } from '../nn/network';
import { colourScales, isForPhotographs, splitName, type ColourScale } from '../nn/network-names';
import { inColours, type ForeignNetwork } from '../nn/read-weights';
import { RandomStream } from '../random/streams';
import { logitsOf, stratifiedSample } from './evaluate';

/** Multiply-adds that may be spent on one way of trying a network, and on its accuracy: some seconds on one core. */
const budgets = { tried: 4e9, measured: 2e11 };
/** Fewest and most images on which ways are compared. */
const fewest = 32;
/** Factor by which a later way's loss must be lower. */
const clearly = 0.97;
const most = 256;

/** Rows of a split on which a network is `tried`, or its accuracy `measured`; fewer for a large one, at random by class. */
export function rowsFor(
  use: keyof typeof budgets,
  network: string,
  { dataset, source }: { dataset: Dataset; source: ImageSource },
  split: Split,
): Int32Array {
  const described = describeNetwork(network, source.shape, classNames(dataset).length);
  const affordable = 'problem' in described ? 0 : Math.floor(budgets[use] / described.multiplyAdds);
  const wanted = Math.max(fewest, use === 'tried' ? Math.min(most, affordable) : affordable);
  const all = Int32Array.from({ length: split.count }, (_, row) => row);
  if (wanted >= split.count) return all;
  return stratifiedSample(all, taskOf(dataset).strata(targetsOf(split)), wanted, RandomStream.fork(0, use));
}

interface Manner {
  network: string;
  weights: readonly NamedArray[];
  normalisation: ImageNormalisation;
  /** Sentences on what was tried. */
  notes: string[];
}

/** How good a manner is on training rows: the lower, the better. */
type Judge = (
  manner: Pick<Manner, 'network' | 'weights' | 'normalisation'>,
  setting: { dataset: Dataset; source: ImageSource },
  rows: Int32Array,
) => Promise<number>;

/**
 * The manner that is judged best on training images, among those that the file leaves open.
 * @param judge by the likelihood of the classes, where left out
 */
export async function bestManner(
  {
    network,
    weights,
    others,
    normalisation: stated,
  }: Pick<ForeignNetwork, 'network' | 'weights' | 'others' | 'normalisation'>,
  dataset: Dataset,
  source: ImageSource,
  judge: Judge = lossOf,
): Promise<Manner> {
  const { train } = dataset;
  const own = source.normalisation(Int32Array.from({ length: train.count }, (_, row) => row));
  const first = { network, weights, normalisation: stated ?? own, notes: [] };
  if (stated && others.length === 0) return first;
  const rows = rowsFor('tried', network, { dataset, source }, train);
  const best = async <M extends Manner>(manners: readonly M[]): Promise<M> => {
    let [found] = manners as [M];
    if (manners.length === 1) return found;
    let least = Infinity;
    for (const manner of manners) {
      const loss = await judge(manner, { dataset, source }, rows);
      // The usual ways come first, and a few images do not tell small differences.
      if (!(loss < clearly * least)) continue;
      found = manner;
      least = loss;
    }
    return found;
  };
  const among = await best([first, ...others.map((other) => ({ ...first, ...other }))]);
  const notes = [];
  if (others.length > 0)
    notes.push(
      `The weights fit ${[network, ...others.map((other) => other.network)].join(' and ')}, which differ in what has no weights. ${among.network} answers best on training images and is taken.`,
    );
  if (stated) return { ...among, notes };
  const ways = waysFrom(among, own, source.channels);
  const way = await best(ways);
  notes.push(
    `The file does not say how its images were normalised. Of ${ways.length} usual ways it answers best on ${rows.length} training images with pixels ${way.words}; that is used.`,
  );
  return { ...way, notes };
}

const titles: Readonly<Record<ColourScale, string>> = {
  imagenet: 'ImageNet (torchvision, timm)',
  cifar10: 'CIFAR-10',
  cifar10s: 'CIFAR-10 (deviations of kuangliu’s code)',
  cifar100: 'CIFAR-100',
};

function waysFrom(manner: Manner, own: ImageNormalisation, channels: number): (Manner & { words: string })[] {
  const alike = (normalisation: ImageNormalisation, words: string) => ({ ...manner, normalisation, words });
  const ways = [
    alike(own, 'less the mean of this data set, divided by its spread'),
    alike({ mean: 0.5, deviation: 0.5 }, 'from −1 to 1'),
    alike({ mean: 0, deviation: 1 }, 'from 0 to 1'),
  ];
  if (channels !== 3 || splitName(manner.network).scale !== null) return ways;
  const scales = Object.entries(colourScales).map(([id, { means, deviations }]) => {
    // The student may share it, so it is a sensible one for all colours.
    const normalisation = { mean: meanOf(means), deviation: meanOf(deviations) };
    const scale = id as ColourScale;
    return {
      ...alike(normalisation, `normalised colour by colour as for ${titles[scale]}`),
      ...inColours(manner, scale, normalisation),
    };
  });
  // The first of the scales is that of photographs.
  return isForPhotographs(manner.network) ? [...scales, ...ways] : [...ways, ...scales];
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean cross-entropy on training rows. */
async function lossOf(
  { network: name, weights, normalisation }: Parameters<Judge>[0],
  { dataset, source }: Parameters<Judge>[1],
  rows: Int32Array,
): Promise<number> {
  const { train } = dataset;
  const classes = classNames(dataset).length;
  const network = Network.create(name, source.shape, classes, weights);
  try {
    const logits = await logitsOf(
      (images) => network.forward(images, { training: false }).logits,
      source,
      train,
      rows,
      normalisation,
      classes,
    );
    const labels = labelsOf(train);
    const losses = Array.from(rows, (row, i) => {
      const own = logits.subarray(i * classes, (i + 1) * classes);
      const largest = own.reduce((a, b) => Math.max(a, b));
      const sum = own.reduce((all, value) => all + Math.exp(value - largest), 0);
      return Math.log(sum) + largest - own[labels[row]!]!;
    });
    return meanOf(losses);
  } finally {
    network.dispose();
  }
}
