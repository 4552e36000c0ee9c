/** What goes on inside a model: outputs of its nodes that can be shown to feature losses, and which of them are likely meant. */
import { blockOf, keptShape, mapBytes, mapSides, mostMapBytes, type Inner, type OnnxFound } from './about';
import type { GraphNode, OnnxModel } from './model-file';

/** Nodes whose outputs are no features: constants, shapes, and what has graphs of its own. */
const silent =
  /^(Constant|ConstantOfShape|Shape|Size|If|Loop|Scan|Range|Cast|NonZero|Sequence.*|Split.*|Optional.*|DequantizeLinear|QuantizeLinear|Transpose|Reshape|Identity|Dropout|Pad|Slice|Gather|Expand|Unsqueeze)$/;

/** More outputs at once would take long to hold. */
const most = 200;

/** Names of values to look at, in the order of the graph. */
export function innerNames({ nodes, outputs }: OnnxModel): string[] {
  const known = new Set(outputs.map(({ name }) => name));
  const all = nodes.filter(({ op }) => !silent.test(op));
  const few =
    all.length <= most ? all : all.filter(({ op }) => /Relu|Add|Clip|Pool|Gemm|Mul|Norm|Concat/.test(op));
  return few
    .slice(-most)
    .flatMap(({ outputs: made }) => made.slice(0, 1))
    .filter((name) => name !== '' && !known.has(name));
}

/** Where the channels of a value lie: before or behind its places. */
type Order = 'first' | 'last';

/** What reads and gives maps with channels first, whatever came before. */
const channelsFirst =
  /^(Conv|ConvTranspose|ConvInteger|QLinearConv|.*Pool|BatchNormalization|InstanceNormalization|GroupNormalization|LRN|DepthToSpace|SpaceToDepth|Resize|Upsample)$/;
/** What reads the last axis as channels. */
const channelsLast = /^(MatMul|Gemm|LayerNormalization|SimplifiedLayerNormalization)$/;

/**
 * Where the channels of the values lie, by their names, as far as the graph says: it follows them from convolutions through
 * transpositions and whatever keeps the axes.
 */
export function channelOrders({ nodes }: Pick<OnnxModel, 'nodes'>): ReadonlyMap<string, Order> {
  const orders = new Map<string, Order>();
  for (const { op, inputs, outputs, axes } of nodes) {
    const before = inputs.map((name) => orders.get(name)).find((order) => order !== undefined);
    const order = channelsFirst.test(op)
      ? 'first'
      : channelsLast.test(op)
        ? 'last'
        : op === 'Transpose'
          ? turned(before, axes)
          : before;
    // What gathers the places anew says nothing of the axes behind it.
    if (order !== undefined && !/^(Reshape|Flatten|Squeeze|Unsqueeze|Shape)$/.test(op))
      for (const name of outputs) orders.set(name, order);
  }
  return orders;
}

function turned(before: Order | undefined, axes: readonly number[] | undefined): Order | undefined {
  const last = (axes?.length ?? 0) - 1;
  if (last < 2 || axes![0] !== 0) return undefined;
  if (axes![last] === 1 && before !== 'last') return 'last';
  if (axes![1] === last && before !== 'first') return 'first';
  return before !== undefined && axes!.every((axis, i) => axis === i) ? before : undefined;
}

/**
 * The value with the shape that it has in a trace; null where it is no feature.
 * @param sides of one instance
 * @param orders of `channelOrders`; channels are first where it says nothing
 */
export function innerOf(
  name: string,
  sides: readonly number[],
  { nodes }: Pick<OnnxModel, 'nodes'>,
  orders: ReadonlyMap<string, Order>,
): Inner | null {
  const op = nodes.find(({ outputs }) => outputs.includes(name))?.op ?? 'output';
  const order = orders.get(name);
  const [first = 0, second = 0, third = 0] = sides;
  if (sides.length === 3 && order === 'last')
    return first * second > 1
      ? { name, op, shape: [first, second, third], layout: 'map', order }
      : third > 1
        ? { name, op, shape: [third], layout: 'vector' }
        : null;
  if (sides.length === 3)
    return second * third > 1
      ? { name, op, shape: [second, third, first], layout: 'map' }
      : first > 1
        ? { name, op, shape: [first], layout: 'vector' }
        : null;
  // Tokens whose channels come first are the same numbers as those before or behind them.
  if (sides.length === 2 && first > 1 && second > 1 && order !== 'first')
    return { name, op, shape: [first, second], layout: 'tokens' };
  return sides.length === 1 && first > 1 ? { name, op, shape: [first], layout: 'vector' } : null;
}

/** The most stages that are proposed. */
const proposed = 4;

/**
 * The last map of each size, and the vector that the last layer reads; the maps as they are where there is room for all, else
 * averaged. Where even that is too much, the vector and the last maps come first.
 * @param rows instances that they are kept of
 */
export function proposalOf(
  inner: readonly Inner[],
  model: OnnxModel,
  answer: string,
  rows: number,
): OnnxFound['proposal'] {
  const last = new Map<string, Inner>();
  for (const one of inner) if (one.layout === 'map') last.set(one.shape.slice(0, 2).join(), one);
  const name = embeddingOf(model, answer);
  const vector = inner.filter((one) => one.name === name && one.layout === 'vector');
  const wanted = [...vector, ...[...last.values()].slice(-proposed).toReversed()];
  const sides = [null, ...mapSides];
  const side = sides.find((one) => mapBytes(wanted, rows, one) <= mostMapBytes) ?? sides.at(-1)!;
  const chosen: Inner[] = [];
  for (const one of wanted) if (mapBytes([...chosen, one], rows, side) <= mostMapBytes) chosen.push(one);
  return {
    stages: chosen.flatMap((one) => (one.layout === 'map' ? [one.name] : [])).toReversed(),
    embedding: chosen.find(({ layout }) => layout === 'vector')?.name ?? null,
    side,
  };
}

/** Back from the answers over what only changes their form to the last layer with weights. */
function embeddingOf({ nodes }: OnnxModel, answer: string): string | null {
  const maker = (name: string): GraphNode | undefined => nodes.find(({ outputs }) => outputs.includes(name));
  let node = maker(answer);
  for (let k = 0; node && k < 8 && !/^(Gemm|MatMul|Conv)$/.test(node.op); k++)
    node = node.inputs.map(maker).find((one) => one !== undefined);
  let name = node?.inputs[0] ?? null;
  // The same numbers in another form are looked at where they were made.
  for (let before = name && maker(name); before && /^(Reshape|Identity|Dropout)$/.test(before.op);) {
    name = before.inputs[0] ?? null;
    before = name ? maker(name) : undefined;
  }
  return name;
}

/**
 * Values as a trace holds them: maps [rows,c,h,w] become [rows,h,w,c], and those that are so already stay; averaged over
 * blocks. Others stay.
 * @param side see `OnnxChoices`
 */
export function asKept(inner: Inner, values: Float32Array, side: number | null): Float32Array {
  if (inner.layout !== 'map') return values;
  const [height, width, channels] = inner.shape as [number, number, number];
  const block = blockOf(inner.shape, side);
  const [rows, columns] = keptShape(inner, side) as [number, number];
  const count = values.length / (height * width * channels);
  const isLast = inner.order === 'last';
  if (isLast && block === 1) return values;
  const kept = new Float32Array(count * rows * columns * channels);
  // Steps from one place to the next, and to the next row of places.
  const [step, row] = isLast ? [channels, width * channels] : [1, width];
  for (let plane = 0; plane < count * channels; plane++) {
    const [instance, channel] = [Math.floor(plane / channels), plane % channels];
    const start = isLast ? instance * height * row + channel : plane * height * width;
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++) {
        const [bottom, right] = [Math.min(height, (y + 1) * block), Math.min(width, (x + 1) * block)];
        let sum = 0;
        for (let v = y * block; v < bottom; v++)
          for (let u = x * block; u < right; u++) sum += values[start + v * row + u * step]!;
        const places = (bottom - y * block) * (right - x * block);
        kept[((instance * rows + y) * columns + x) * channels + channel] = sum / places;
      }
  }
  return kept;
}
