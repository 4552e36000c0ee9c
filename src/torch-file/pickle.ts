/**
 * Reads Python pickles of plain containers and tensors. An allow-list of opcodes and names decides what is read; nothing
 * is ever imported or called. Opcodes: CPython's Lib/pickletools.py; names: torch/_utils.py, torch/serialization.py.
 */
import {
  Aside,
  GlobalName,
  isList,
  NumpyArray,
  numpyRebuilder,
  PythonDict,
  TorchProblem,
  type PickleValue,
} from './values';
import { rebuilt, storageOf, type TorchStorage } from './tensor';

/** Marks the start of a run of values on the stack. */
const mark = Symbol('mark');
type Slot = PickleValue | typeof mark;

/** More parts than any list of labels; values in memory are many times larger than their bytes. */
const mostParts = 20_000_000;

/** Storages by the key under which the file keeps them. */
interface Pickled {
  value: PickleValue;
  storages: Map<string, TorchStorage>;
  /** Position behind the pickle. */
  end: number;
}

/**
 * Reads the pickle that starts at `start`.
 * @param storages of an earlier pickle of the same file, if any
 * @throws TorchProblem when it is damaged or holds anything but plain containers and tensors
 */
export function readPickle(
  bytes: Uint8Array,
  start = 0,
  storages = new Map<string, TorchStorage>(),
): Pickled {
  const machine = new Machine(bytes, start, storages);
  return { value: machine.run(), storages, end: machine.at };
}

const utf8 = new TextDecoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const damaged = () => new TorchProblem('is damaged: its pickle ends early or is not well formed');

class Machine {
  at: number;
  private readonly view: DataView;
  private stack: Slot[] = [];
  private readonly memo = new Map<number, PickleValue>();
  /** Length of all that was handed to calls. */
  private spent = 0;

  constructor(
    private readonly bytes: Uint8Array,
    start: number,
    private readonly storages: Map<string, TorchStorage>,
  ) {
    this.at = start;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue {
    for (let parts = 0; parts < mostParts; parts++) {
      const code = this.byte();
      if (code === 0x2e) {
        const value = this.pop();
        if (this.stack.length > 0) throw damaged();
        return value;
      }
      this.step(code);
    }
    throw new TorchProblem('holds more parts than can be read here');
  }

  private step(code: number): void {
    const { stack } = this;
    switch (String.fromCharCode(code)) {
      case '\x80': // PROTO
        if (this.byte() > 5) throw new TorchProblem('is a pickle of a protocol that is not known here');
        return;
      case '\x95': // FRAME
        this.take(8);
        return;
      case '(':
        stack.push(mark);
        return;
      case '0': // POP
        if (stack.pop() === undefined) throw damaged();
        return;
      case '1': // POP_MARK
        this.popMark();
        return;
      case '2': // DUP
        stack.push(this.top());
        return;
      case 'N':
        stack.push(null);
        return;
      case '\x88':
        stack.push(true);
        return;
      case '\x89':
        stack.push(false);
        return;
      case 'I':
        stack.push(intOfLine(this.line()));
        return;
      case 'L':
        stack.push(finite(Number(this.line().replace(/L$/, ''))));
        return;
      case 'F':
        stack.push(floatOfLine(this.line()));
        return;
      case 'J':
        stack.push(this.view.getInt32(this.take(4), true));
        return;
      case 'K':
        stack.push(this.byte());
        return;
      case 'M':
        stack.push(this.view.getUint16(this.take(2), true));
        return;
      case '\x8a': // LONG1
        stack.push(this.long(this.byte()));
        return;
      case '\x8b': // LONG4
        stack.push(this.long(this.length4()));
        return;
      case 'G':
        stack.push(this.view.getFloat64(this.take(8), false));
        return;
      case 'S':
        stack.push(textOfLine(this.line()));
        return;
      case 'V': // UNICODE
        stack.push(this.line());
        return;
      case 'T': // BINSTRING
        stack.push(this.textOrBytes(this.length4()));
        return;
      case 'U': // SHORT_BINSTRING
        stack.push(this.textOrBytes(this.byte()));
        return;
      case '\x8c': // SHORT_BINUNICODE
        stack.push(this.text(this.byte()));
        return;
      case 'X': // BINUNICODE
        stack.push(this.text(this.length4()));
        return;
      case '\x8d': // BINUNICODE8
        stack.push(this.text(this.length8()));
        return;
      case 'B': // BINBYTES
        stack.push(this.raw(this.length4()));
        return;
      case 'C': // SHORT_BINBYTES
        stack.push(this.raw(this.byte()));
        return;
      case '\x8e': // BINBYTES8
      case '\x96': // BYTEARRAY8
        stack.push(this.raw(this.length8()));
        return;
      case ']': // EMPTY_LIST
      case ')': // EMPTY_TUPLE
      case '\x8f': // EMPTY_SET
        stack.push([]);
        return;
      case '}': // EMPTY_DICT
        stack.push(new PythonDict());
        return;
      case 'l': // LIST
      case 't': // TUPLE
      case '\x91': // FROZENSET
        stack.push(this.popMark());
        return;
      case '\x85': // TUPLE1
      case '\x86': // TUPLE2
      case '\x87': // TUPLE3
        stack.push(this.popMany(code - 0x84));
        return;
      case 'a': // APPEND
        this.append([this.pop()]);
        return;
      case 'e': // APPENDS
      case '\x90': // ADDITEMS
        this.append(this.popMark());
        return;
      case 'd': // DICT
        stack.push(dictOf(this.popMark()));
        return;
      case 's': // SETITEM
        this.setItems(this.popMany(2));
        return;
      case 'u': // SETITEMS
        this.setItems(this.popMark());
        return;
      case 'g': // GET
        stack.push(this.recall(Number(this.line())));
        return;
      case 'h': // BINGET
        stack.push(this.recall(this.byte()));
        return;
      case 'j': // LONG_BINGET
        stack.push(this.recall(this.length4()));
        return;
      case 'p': // PUT
        this.memo.set(Number(this.line()), this.top());
        return;
      case 'q': // BINPUT
        this.memo.set(this.byte(), this.top());
        return;
      case 'r': // LONG_BINPUT
        this.memo.set(this.length4(), this.top());
        return;
      case '\x94': // MEMOIZE
        this.memo.set(this.memo.size, this.top());
        return;
      case 'c': // GLOBAL
        stack.push(named(this.line(), this.line()));
        return;
      case '\x93': {
        // STACK_GLOBAL
        const [module, name] = this.popMany(2);
        if (typeof module !== 'string' || typeof name !== 'string') throw damaged();
        stack.push(named(module, name));
        return;
      }
      case 'R': // REDUCE
      case '\x81': {
        // NEWOBJ
        const [callable, args] = this.popMany(2);
        if (!isList(args)) throw damaged();
        this.spend(args);
        stack.push(made(callable!, args));
        return;
      }
      case 'b': // BUILD
        this.build(this.pop());
        return;
      case 'Q': // BINPERSID
        stack.push(storageOf(this.pop(), this.storages));
        return;
      case 'P': // PERSID
      case 'i': // INST
      case 'o': // OBJ
      case '\x82': // EXT1
      case '\x83': // EXT2
      case '\x84': // EXT4
      case '\x92': // NEWOBJ_EX
      case '\x97': // NEXT_BUFFER
      case '\x98': // READONLY_BUFFER
        throw new TorchProblem(
          `holds the pickle instruction 0x${code.toString(16)}, which makes objects of a program and is never carried out here`,
          'object',
        );
      default:
        throw damaged();
    }
  }

  /** The state of an object: read for an array of NumPy. */
  private build(state: PickleValue): void {
    const target = this.top();
    if (target instanceof NumpyArray || target instanceof Aside) target.fill(state);
    // An OrderedDict of PyTorch carries the versions of its modules, which are not needed.
    else if (!(target instanceof PythonDict)) throw damaged();
  }

  /** A part that is named again and again would be copied each time, to many times the size of the file. */
  private spend(args: readonly PickleValue[]): void {
    for (const value of args) if (typeof value === 'string' || isList(value)) this.spent += value.length;
    if (this.spent > mostParts + this.bytes.length) throw damaged();
  }

  private append(values: PickleValue[]): void {
    const target = this.top();
    if (target instanceof Aside) return;
    if (!isList(target)) throw damaged();
    for (const value of values) target.push(value);
  }

  private setItems(pairs: PickleValue[]): void {
    const target = this.top();
    if (target instanceof Aside) return;
    if (!(target instanceof PythonDict)) throw damaged();
    for (const [key, value] of dictOf(pairs)) target.set(key, value);
  }

  private recall(index: number): PickleValue {
    const value = this.memo.get(index);
    if (value === undefined) throw damaged();
    return value;
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined || value === mark) throw damaged();
    return value;
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popMany(count: number): PickleValue[] {
    const values = Array.from({ length: count }, () => this.pop());
    return values.reverse();
  }

  private popMark(): PickleValue[] {
    const at = this.stack.lastIndexOf(mark);
    if (at < 0) throw damaged();
    const values = this.stack.splice(at);
    values.shift();
    return values as PickleValue[];
  }

  /** Moves behind `length` bytes. @returns where they start */
  private take(length: number): number {
    const { at } = this;
    if (!(at + length <= this.bytes.length)) throw damaged();
    this.at += length;
    return at;
  }

  private byte(): number {
    return this.bytes[this.take(1)]!;
  }

  private length4(): number {
    return this.view.getUint32(this.take(4), true);
  }

  private length8(): number {
    return Number(this.view.getBigUint64(this.take(8), true));
  }

  private raw(length: number): Uint8Array {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  private text(length: number): string {
    return utf8.decode(this.raw(length));
  }

  /** In Python 2 texts and bytes are one. */
  private textOrBytes(length: number): string | Uint8Array {
    const bytes = this.raw(length);
    try {
      return strictUtf8.decode(bytes);
    } catch {
      return bytes;
    }
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw damaged();
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  /** A whole number of little-endian bytes, as the nearest double. */
  private long(length: number): number {
    const bytes = this.raw(length);
    if (length > 32) throw new TorchProblem('holds a whole number of more than 32 bytes');
    let value = 0;
    for (let i = length - 1; i >= 0; i--) value = value * 256 + bytes[i]!;
    return length > 0 && bytes[length - 1]! >= 0x80 ? value - 256 ** length : value;
  }
}

function intOfLine(text: string): number | boolean {
  if (text === '01') return true;
  return text === '00' ? false : finite(Number(text));
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw damaged();
  return value;
}

function floatOfLine(text: string): number {
  if (text === 'nan') return NaN;
  if (text === 'inf' || text === '-inf') return text === 'inf' ? Infinity : -Infinity;
  return finite(Number(text));
}

function textOfLine(text: string): string {
  return text.slice(1, -1);
}

function dictOf(pairs: PickleValue[]): PythonDict {
  if (pairs.length % 2 !== 0) throw damaged();
  const dict = new PythonDict();
  for (let i = 0; i < pairs.length; i += 2) dict.set(pairs[i]!, pairs[i + 1]!);
  return dict;
}

/** Names that are read: what a `made` or a storage type may be. */
const known = new Set([
  'collections.OrderedDict',
  'collections.defaultdict',
  'collections.Counter',
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
  'torch.Size',
  'torch.device',
  '_codecs.encode',
  'numpy.ndarray',
  'numpy.dtype',
  'numpy.core.multiarray._reconstruct',
  'numpy._core.multiarray._reconstruct',
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
]);
const plainTypes = /^(builtins|__builtin__)\.(list|dict|set|frozenset|tuple|int|float|str|bool|bytes)$/;
const torchNames = /^torch\.((\w+Storage)|storage\.\w+Storage|(b?float|u?int|complex)\d+|bool|half|double)$/;
/** Records of a training beside its weights, put aside unread. */
const besides = /^(argparse|pathlib|datetime|easydict|yacs\.config|omegaconf|pytorch_lightning|lightning)\./;

function named(module: string, name: string): PickleValue {
  const whole = `${module}.${name}`;
  if (besides.test(whole)) return new Aside();
  if (known.has(whole) || plainTypes.test(whole) || torchNames.test(whole)) return new GlobalName(whole);
  throw new TorchProblem(
    `holds “${whole}”, which is neither a tensor nor a plain container; a pickle can start any program, so nothing in it is ever called`,
    'object',
  );
}

/** What a call stands for. */
function made(callable: PickleValue, args: PickleValue[]): PickleValue {
  if (callable instanceof Aside) return callable;
  if (!(callable instanceof GlobalName)) throw damaged();
  const { name } = callable;
  const [first] = args;
  if (name.startsWith('torch._utils.')) return rebuilt(name, args);
  const numpy = numpyRebuilder(name, args);
  if (numpy !== undefined) return numpy;
  switch (name) {
    case 'collections.OrderedDict':
    case 'collections.Counter':
    case 'builtins.dict':
      if (first === undefined) return new PythonDict();
      if (first instanceof PythonDict) return first;
      if (!isList(first)) throw damaged();
      return dictOf(
        first.flatMap((pair) => {
          if (!isList(pair) || pair.length !== 2) throw damaged();
          return pair;
        }),
      );
    case 'collections.defaultdict':
      return new PythonDict();
    case 'torch.Size':
    case 'builtins.list':
    case 'builtins.tuple':
    case 'builtins.set':
    case 'builtins.frozenset':
    case '__builtin__.list':
    case '__builtin__.tuple':
    case '__builtin__.set':
    case '__builtin__.frozenset':
      return isList(first) ? first : [];
    case 'torch.device':
      return new Aside();
    default:
      throw new TorchProblem(`calls “${name}”, and nothing in a pickle is ever called here`, 'object');
  }
}
