import type { Ops } from '../engine/ops';

/** An op table that puts `prefix` before every parameter's name, to join several networks in one. */
export function prefixed<T>(ops: Ops<T>, prefix: string): Ops<T> {
  const named = <O extends { name: string }>(options: O): O => ({ ...options, name: prefix + options.name });
  return {
    shapeOf: (x) => ops.shapeOf(x),
    conv: (x, options) => ops.conv(x, named(options)),
    depthwiseConv: (x, options) => ops.depthwiseConv(x, named(options)),
    convTranspose: (x, options) => ops.convTranspose(x, named(options)),
    batchNorm: (x, name) => ops.batchNorm(x, prefix + name),
    batchNormRelu: (x, name) => ops.batchNormRelu(x, prefix + name),
    relu: (x) => ops.relu(x),
    roundedRelu: (x, bits) => ops.roundedRelu(x, bits),
    clippedRelu: (x, limit) => ops.clippedRelu(x, limit),
    elu: (x) => ops.elu(x),
    dropout: (x, options) => ops.dropout(x, named(options)),
    add: (a, b) => ops.add(a, b),
    maxPool: (x, size, stride, padding) => ops.maxPool(x, size, stride, padding),
    averagePool: (x, size, stride, padding) => ops.averagePool(x, size, stride, padding),
    globalAveragePool: (x) => ops.globalAveragePool(x),
    concat: (parts) => ops.concat(parts),
    split: (x, channels) => ops.split(x, channels),
    shuffle: (x, groups) => ops.shuffle(x, groups),
    dense: (x, options) => ops.dense(x, named(options)),
    flatten: (x) => ops.flatten(x),
    asMap: (x) => ops.asMap(x),
  };
}
