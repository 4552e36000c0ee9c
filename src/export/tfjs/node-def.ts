/**
 * TensorFlow graph nodes in the JSON form of protocol buffers that `model.json` uses: 64-bit integers are strings and
 * bytes are base64.
 */
import type { Shape } from '../../nn/graph/model-graph';

export type AttributeValue =
  | { type: string }
  | { s: string }
  | { b: boolean }
  | { i: string }
  | { f: number }
  | { list: { i?: string[] } }
  | { shape: TensorShape };

interface TensorShape {
  dim: { size: string }[];
}

export interface NodeDef {
  name: string;
  op: string;
  input: readonly string[];
  attr: Record<string, AttributeValue>;
}

export const attribute = {
  float: { type: 'DT_FLOAT' },
  integer32: { type: 'DT_INT32' },
  /** @param value ASCII only */
  text: (value: string): AttributeValue => ({ s: btoa(value) }),
  integers: (values: readonly number[]): AttributeValue => ({
    list: values.length > 0 ? { i: values.map(String) } : {},
  }),
} as const;

export function nodeDef(name: string, op: string, input: readonly string[], attr: NodeDef['attr']): NodeDef {
  return { name, op, input, attr };
}

/** @param shape without the batch axis, which may have any size */
export function placeholder(name: string, shape: Shape): NodeDef {
  return nodeDef(name, 'Placeholder', [], {
    dtype: attribute.float,
    shape: { shape: tensorShape([-1, ...shape]) },
  });
}

export function constant(name: string, shape: Shape, dtype: 'float32' | 'int32'): NodeDef {
  return nodeDef(name, 'Const', [], {
    dtype: dtype === 'int32' ? attribute.integer32 : attribute.float,
    shape: { shape: tensorShape(shape) },
  });
}

interface Port {
  name: string;
  /** Without the batch axis. */
  shape: Shape;
}

/** Inputs and outputs, by name. */
export function signatureOf(input: Port, output: Port) {
  const tensor = (name: string, shape: Shape) => ({
    [name]: { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: tensorShape(shape) },
  });
  return {
    inputs: tensor(input.name, [-1, ...input.shape]),
    outputs: tensor(output.name, [-1, ...output.shape]),
  };
}

function tensorShape(shape: Shape): TensorShape {
  return { dim: shape.map((side) => ({ size: String(side) })) };
}
