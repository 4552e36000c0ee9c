import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import {
  isTorchFile,
  NumpyArray,
  type PythonDict,
  readTorchFile,
  TorchProblem,
  TorchTensor,
} from '../../../src/torch-file/torch-file';
import { RandomStream } from '../../../src/random/streams';
import saved from './saved.json';

const bytesOf = (name: keyof typeof saved) => Uint8Array.from(Buffer.from(saved[name], 'base64'));

/** Shape and numbers of each array of a dictionary. */
function arraysOf(bytes: Uint8Array): Record<string, [readonly number[], number[]]> {
  const { value, numbers } = readTorchFile(bytes);
  const found = [...(value as PythonDict)].flatMap(([name, array]) =>
    array instanceof TorchTensor || array instanceof NumpyArray ? [[name as string, array] as const] : [],
  );
  const values = numbers(found.map(([, array]) => array));
  return Object.fromEntries(found.map(([name, { shape }], i) => [name, [shape, [...values[i]!]]]));
}

test.each(['types', 'typesEarly'] as const)('every type of number is read from %s', (name) => {
  expect(isTorchFile(bytesOf(name).subarray(0, 4096))).toBe(true);
  const real = [[4], [0, 1.5, -2.25, 100]];
  const negative = [[4], [-0, -1, -127, -5]].map((part) => part.map((value) => value + 0));
  expect(arraysOf(bytesOf(name))).toEqual({
    f4: real,
    f2: real,
    bf2: real,
    f8: real,
    i8: [[4], [0, 1, 127, 5]],
    i4: negative,
    i2: negative,
    i1: negative,
    u1: [[4], [0, 1, 127, 5]],
    bool: [[4], [0, 1, 1, 1]],
  });
});

test.each(['views', 'viewsEarly'] as const)('views of one storage are read from %s', (name) => {
  const whole = Array.from({ length: 24 }, (_, i) => i);
  expect(arraysOf(bytesOf(name))).toEqual({
    base: [[4, 6], whole],
    turned: [[6, 4], whole.map((_, i) => (i % 4) * 6 + Math.floor(i / 4))],
    part: [
      [2, 3],
      [6, 8, 10, 12, 14, 16],
    ],
    one: [[], [7]],
  });
});

test('arrays of NumPy are read', () => {
  expect(arraysOf(bytesOf('numpy'))['images']![0]).toEqual([4, 6]);
});

test('a pickled module is refused by its name', () => {
  expect(() => readTorchFile(bytesOf('module'))).toThrow(
    'holds “torch.nn.modules.linear.Linear”, which is neither a tensor nor a plain container',
  );
});

/** A file whose pickle is the given text of opcodes. */
const withPickle = (pickle: string, entries: Record<string, Uint8Array> = {}) =>
  zipSync({
    'archive/data.pkl': Uint8Array.from(`\x80\x02${pickle}`, (c) => c.charCodeAt(0)),
    ...entries,
  });

const text = (value: string) => `X${String.fromCharCode(value.length, 0, 0, 0)}${value}`;
const int = (value: number) =>
  `J${String.fromCharCode(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255)}`;
/** A tensor of floats in storage 0. */
const tensor = (count: number, offset: number, shape: string, strides: string) =>
  `ctorch._utils\n_rebuild_tensor_v2\n((${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}${int(count)}tQ${int(offset)}${shape}${strides}\x89NtR`;
const one = (value: number) => `${int(value)}\x85`;
const data = { 'archive/data/0': new Uint8Array(16) };

test('numbers of the other byte order are turned', () => {
  const file = withPickle(`}${text('a')}${tensor(1, 0, one(1), one(1))}s.`, {
    'archive/byteorder': strToU8('big'),
    'archive/data/0': Uint8Array.of(0x3f, 0xc0, 0, 0),
  });
  expect(arraysOf(file)['a']).toEqual([[1], [1.5]]);
});

test.each<[string, string, string]>([
  ['a call of the system', `cposix\nsystem\n${text('touch /tmp/hacked')}\x85R.`, 'holds “posix.system”'],
  ['a name from the stack', `${text('os')}${text('system')}\x93${text('id')}\x85R.`, 'holds “os.system”'],
  ['eval', `c__builtin__\neval\n${text('1')}\x85R.`, 'holds “__builtin__.eval”'],
  [
    'getattr of what is allowed',
    `cbuiltins\ngetattr\nctorch\nSize\n${text('x')}\x86R.`,
    'holds “builtins.getattr”',
  ],
  [
    'a lookalike of what is allowed',
    `ctorch._utils\n_rebuild_tensor_v2.__globals__\n)R.`,
    'holds “torch._utils._rebuild_tensor_v2.__globals__”',
  ],
  ['a storage that is called', `ctorch\nFloatStorage\n)R.`, 'calls “torch.FloatStorage”'],
  ['an instance', `(cbuiltins\nlist\no.`, 'holds the pickle instruction 0x6f'],
  ['an extension', `\x82\x01.`, 'holds the pickle instruction 0x82'],
  ['a text persistent id', `P1\n.`, 'holds the pickle instruction 0x50'],
  ['an end too early', `(${text('a')}`, 'is damaged'],
  ['a text beyond its end', `X\xff\xff\xff\x7fa.`, 'is damaged'],
  ['an empty stack', `t.`, 'is damaged'],
  ['a memory that is empty', `h\x07.`, 'is damaged'],
  ['an endless number', `\x8b\xff\xff\xff\x7f.`, 'is damaged'],
  ['a tensor outside its storage', `${tensor(4, 2, one(3), one(1))}.`, 'lies outside its storage'],
  [
    'a tensor of impossible size',
    `${tensor(4, 0, `(${int(2147483647)}${int(2147483647)}${int(2147483647)}t`, `(${int(0)}${int(0)}${int(0)}t`)}.`,
    'lies outside its storage',
  ],
  [
    'a text that is handed to calls again and again',
    `${text('x'.repeat(200_000))}q\x000${'cbuiltins\nlist\nh\x00\x85R0'.repeat(110)}N.`,
    'is damaged',
  ],
  ['a stride that goes back', `${tensor(4, 0, one(2), one(-1))}.`, 'describes a tensor in a way'],
])('%s is refused', (_, pickle, why) => {
  expect(() => readTorchFile(withPickle(pickle, data))).toThrow(why);
});

test.each<[string, string, Record<string, Uint8Array>, string]>([
  ['numbers that are missing', tensor(8, 0, one(8), one(1)), data, 'numbers of a tensor are missing'],
  ['a storage that is missing', tensor(4, 0, one(4), one(1)), {}, 'numbers of a tensor are missing'],
  [
    'one number a million times',
    tensor(4, 0, one(1_000_000_000), one(0)),
    data,
    'repeat its numbers many times',
  ],
])('%s are refused when they are wanted', (_, pickle, entries, why) => {
  expect(() => arraysOf(withPickle(`}${text('a')}${pickle}s.`, entries))).toThrow(why);
});

test('lists in lists, deep or shared many times over, take no time', () => {
  const deep = `${']'.repeat(100_000)}${'a'.repeat(99_999)}.`;
  expect(readTorchFile(withPickle(deep)).value).toBeInstanceOf(Array);
  const shared = `(]${Array.from({ length: 60 }, (_, i) => `q${String.fromCharCode(i)}(${`h${String.fromCharCode(i)}`.repeat(9)}t`).join('')}t.`;
  expect(readTorchFile(withPickle(shared)).value).toBeInstanceOf(Array);
});

test('a zip that states too much is refused before memory is taken', () => {
  const bomb = zipSync({ 'archive/data.pkl': new Uint8Array(5), 'archive/data/0': new Uint8Array(8) });
  const view = new DataView(bomb.buffer);
  // The size in the directory of the first entry.
  const at = bomb.findIndex((_, i) => view.byteLength > i + 4 && view.getUint32(i, true) === 0x02014b50);
  view.setUint32(at + 24, 0x7fffffff, true);
  expect(() => readTorchFile(bomb)).toThrow('states a size that cannot be');
});

test.each(['types', 'viewsEarly', 'checkpoint'] as const)(
  'changed bytes of %s never do more than refuse',
  (name) => {
    const random = RandomStream.fork(1, name);
    for (let i = 0; i < 300; i++) {
      const bytes = bytesOf(name);
      for (let k = 0; k < 3; k++) bytes[random.below(Math.min(bytes.length, 1200))] = random.below(256);
      try {
        const { value } = readTorchFile(bytes);
        if (value instanceof Map) arraysOf(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(TorchProblem);
      }
    }
  },
);

test('what is put beside the weights is passed over', () => {
  const args = `cargparse\nNamespace\n)\x81}${text('lr')}${int(1)}sb`;
  const file = withPickle(`}(${text('args')}${args}${text('a')}${tensor(4, 1, one(3), one(1))}u.`, data);
  expect(arraysOf(file)).toEqual({ a: [[3], [0, 0, 0]] });
});
