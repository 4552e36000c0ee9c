/**
 * The ONNX messages that networks of this page need. Field numbers:
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { Message } from './protobuf';

export const opset = 13;
/** `to` of the operator Cast. */
export const castToFloat = 1;
/** Version of the file format for this opset (ONNX 1.8). */
const irVersion = 7;

const elementType = { float32: 1, uint8: 2, int8: 3, int16: 5, int32: 6, int64: 7 } as const;
const attributeType = { float: 1, int: 2, ints: 7 } as const;

export type Attribute = { int: number } | { ints: readonly number[] } | { float: number };

export function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, Attribute>> = {},
): Message {
  const message = new Message();
  for (const input of inputs) message.text(1, input);
  message.text(2, output).text(3, output).text(4, operator);
  for (const [name, value] of Object.entries(attributes)) message.message(5, attribute(name, value));
  return message;
}

function attribute(name: string, value: Attribute): Message {
  const message = new Message().text(1, name);
  if ('float' in value) return message.float(2, value.float).int(20, attributeType.float);
  if ('int' in value) return message.int(3, value.int).int(20, attributeType.int);
  for (const entry of value.ints) message.int(8, entry);
  return message.int(20, attributeType.ints);
}

export function floatTensor(name: string, shape: readonly number[], values: Float32Array): Message {
  const raw = new Uint8Array(values.length * 4);
  const view = new DataView(raw.buffer);
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return tensor(name, shape, elementType.float32, raw);
}

/** Whole numbers of one byte each, or of two where one does not hold them. */
export function smallIntegerTensor(name: string, shape: readonly number[], values: Int16Array): Message {
  if (values.every((value) => value >= -128 && value <= 127))
    return tensor(name, shape, elementType.int8, new Uint8Array(Int8Array.from(values).buffer));
  const raw = new Uint8Array(values.length * 2);
  const view = new DataView(raw.buffer);
  values.forEach((value, i) => view.setInt16(2 * i, value, true));
  return tensor(name, shape, elementType.int16, raw);
}

/** Numbers of one byte each, with a sign or without one. */
export function byteTensor(name: string, shape: readonly number[], values: Int8Array | Uint8Array): Message {
  const type = values instanceof Int8Array ? elementType.int8 : elementType.uint8;
  return tensor(name, shape, type, new Uint8Array(values.buffer, values.byteOffset, values.length));
}

export function int32Tensor(name: string, shape: readonly number[], values: Int32Array): Message {
  const raw = new Uint8Array(values.length * 4);
  const view = new DataView(raw.buffer);
  values.forEach((value, i) => view.setInt32(4 * i, value, true));
  return tensor(name, shape, elementType.int32, raw);
}

/** @param values may be negative */
export function integerTensor(name: string, values: readonly number[]): Message {
  const raw = new Uint8Array(values.length * 8);
  const view = new DataView(raw.buffer);
  values.forEach((value, i) => view.setBigInt64(8 * i, BigInt(value), true));
  return tensor(name, [values.length], elementType.int64, raw);
}

function tensor(name: string, shape: readonly number[], type: number, raw: Uint8Array): Message {
  const message = new Message();
  for (const side of shape) message.int(1, side);
  return message.int(2, type).text(8, name).bytes(9, raw);
}

/** A float32 input or output; the first axis is the batch, of any size. */
export function value(name: string, shape: readonly number[]): Message {
  const sides = new Message().message(1, new Message().text(2, 'batch'));
  for (const side of shape) sides.message(1, new Message().int(1, side));
  const type = new Message().int(1, elementType.float32).message(2, sides);
  return new Message().text(1, name).message(2, new Message().message(1, type));
}

export interface GraphParts {
  name: string;
  nodes: readonly Message[];
  weights: readonly Message[];
  inputs: readonly Message[];
  outputs: readonly Message[];
}

/** The whole file. */
export function model(parts: GraphParts, metadata: Readonly<Record<string, string>>): Message {
  const graph = new Message();
  for (const entry of parts.nodes) graph.message(1, entry);
  graph.text(2, parts.name);
  for (const entry of parts.weights) graph.message(5, entry);
  for (const entry of parts.inputs) graph.message(11, entry);
  for (const entry of parts.outputs) graph.message(12, entry);
  const message = new Message()
    .int(1, irVersion)
    .text(2, 'Retort')
    .message(7, graph)
    .message(8, new Message().text(1, '').int(2, opset));
  for (const [key, text] of Object.entries(metadata))
    message.message(14, new Message().text(1, key).text(2, text));
  return message;
}
