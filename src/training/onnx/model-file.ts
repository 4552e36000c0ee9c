/**
 * What an ONNX file says of itself: inputs, outputs, nodes, and files beside it. Only the structure is read, no weights.
 * Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { BrokenWire, fieldOf, fieldsOf, textOf } from './wire';
import { joined } from '../../numbers/joined';

/** An input or output. */
export interface Port {
  name: string;
  /** Of its elements, such as "float32"; what it is where it is no tensor, such as "a sequence". */
  type: string;
  /** Null where the file leaves a side free, [] also where it says nothing. */
  shape: (number | null)[];
}

export interface GraphNode {
  op: string;
  name: string;
  inputs: string[];
  outputs: string[];
  /** Of a Transpose: the axis of the input that each axis is; left out where the order is turned round. */
  axes?: number[];
}

export interface OnnxModel {
  /** Without those that are weights. */
  inputs: Port[];
  outputs: Port[];
  nodes: GraphNode[];
  /** Files that hold its weights, as it names them. */
  beside: string[];
}

/** A sentence for the user: why a model cannot teach here. */
export class OnnxProblem extends Error {}

const elementTypes: Readonly<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
};

/** @throws OnnxProblem when it is no model, or a damaged one */
export function readModel(path: string, bytes: Uint8Array): OnnxModel {
  const why = otherContent(bytes);
  if (why) throw new OnnxProblem(`“${path}” ${why}`);
  try {
    const graph = [...fieldsOf(bytes)].find(({ field }) => field === 7);
    const model = graph && readGraph(graph.bytes);
    if (model && model.nodes.length > 0 && model.outputs.length > 0) return model;
  } catch (error) {
    if (!(error instanceof BrokenWire)) throw error;
    throw new OnnxProblem(
      `“${path}” is no whole ONNX model: ${lower(error.message)} Copy or download the file again.`,
    );
  }
  throw new OnnxProblem(`“${path}” is no ONNX model: it holds no graph. Export the model as .onnx again.`);
}

/** Files that often have this name and are something else. */
function otherContent(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return 'is empty.';
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 64));
  if (head.startsWith('version https://git-lfs'))
    return 'is a pointer of Git LFS and not the model itself. Fetch it with “git lfs pull”, or download it from its page.';
  if (/^\s*<(!doctype|html)/i.test(head))
    return 'is a web page that was saved in place of the model. Download the file itself.';
  if (head.startsWith('PK'))
    return 'is a zip, perhaps a PyTorch checkpoint. Export the model with torch.onnx.export.';
  return null;
}

function readGraph(bytes: Uint8Array): OnnxModel {
  const model: OnnxModel = { inputs: [], outputs: [], nodes: [], beside: [] };
  const weights = new Set<string>();
  const beside = new Set<string>();
  for (const part of fieldsOf(bytes)) {
    if (part.field === 1) model.nodes.push(readNode(part.bytes));
    else if (part.field === 5) {
      const { name, location } = readWeight(part.bytes);
      weights.add(name);
      if (location !== null) beside.add(location);
    } else if (part.field === 11) model.inputs.push(readPort(part.bytes));
    else if (part.field === 12) model.outputs.push(readPort(part.bytes));
  }
  // Older files list their weights among the inputs.
  const inputs = model.inputs.filter(({ name }) => !weights.has(name));
  return { ...model, inputs, beside: [...beside] };
}

function readNode(bytes: Uint8Array): GraphNode {
  const node: GraphNode = { op: '', name: '', inputs: [], outputs: [] };
  for (const part of fieldsOf(bytes)) {
    if (part.field === 1) node.inputs.push(textOf(part));
    else if (part.field === 2) node.outputs.push(textOf(part));
    else if (part.field === 3) node.name = textOf(part);
    else if (part.field === 4) node.op = textOf(part);
    else if (part.field === 5) {
      const axes = axesIn(part.bytes);
      if (axes) node.axes = axes;
    }
  }
  return node;
}

/** The integers of an attribute that is called "perm"; null for any other. */
function axesIn(bytes: Uint8Array): number[] | null {
  const axes: number[] = [];
  let name = '';
  for (const part of fieldsOf(bytes)) {
    if (part.field === 1) name = textOf(part);
    // Packed, or one by one. Axes have one byte each.
    else if (part.field === 8) axes.push(...(part.bytes.length > 0 ? part.bytes : [part.number]));
  }
  return name === 'perm' ? axes : null;
}

/** Its name, and the file that holds it; null where this one does. */
function readWeight(bytes: Uint8Array): { name: string; location: string | null } {
  let name = '';
  let location: string | null = null;
  let isOutside = false;
  for (const part of fieldsOf(bytes)) {
    if (part.field === 8) name = textOf(part);
    else if (part.field === 14) isOutside = part.number === 1;
    else if (part.field === 13) {
      const [key, value] = [...fieldsOf(part.bytes)].map(textOf);
      if (key === 'location') location = value ?? null;
    }
  }
  return { name, location: isOutside ? location : null };
}

function readPort(bytes: Uint8Array): Port {
  const port: Port = { name: '', type: 'nothing known', shape: [] };
  for (const part of fieldsOf(bytes)) {
    if (part.field === 1) port.name = textOf(part);
    else if (part.field === 2)
      for (const type of fieldsOf(part.bytes)) {
        if (type.field === 1) readTensorType(type.bytes, port);
        else if (type.field === 4) port.type = 'a sequence';
        else if (type.field === 5) port.type = 'a map';
      }
  }
  return port;
}

function readTensorType(bytes: Uint8Array, port: Port): void {
  for (const part of fieldsOf(bytes)) {
    if (part.field === 1) port.type = elementTypes[part.number] ?? `type ${part.number}`;
    else if (part.field === 2)
      port.shape = [...fieldsOf(part.bytes)].map((side) => {
        const known = [...fieldsOf(side.bytes)].find(({ field }) => field === 1);
        return known && known.number > 0 ? known.number : null;
      });
  }
}

/** The model with further outputs. Messages that follow each other in a file are merged, so the rest stays as it is. */
export function withOutputs(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  const encoder = new TextEncoder();
  const outputs = names.map((name) => fieldOf(12, fieldOf(1, encoder.encode(name))));
  const added = fieldOf(7, joined(Uint8Array, outputs));
  return joined(Uint8Array, [bytes, added]);
}

const lower = (text: string) => text[0]!.toLowerCase() + text.slice(1);
