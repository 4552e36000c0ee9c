/**
 * Kernels over buffers of half precision. A kernel's source is written for numbers of 32 bits; where a buffer holds 16,
 * the same source is given other declarations, and each load and store a conversion. Everything between them is computed
 * in single precision.
 */
import type { RawKernel } from '../raw-kernel';
import { flat, vec, widthOf } from './wgsl';

/** Copies this many numbers; its input is half precision, its output single. */
export function expanding(count: number): RawKernel {
  const type = vec(widthOf(count));
  return flat({
    name: 'to single precision',
    read: [`x: ${type}`],
    write: [`y: ${type}`],
    threads: count / widthOf(count),
    body: 'y[i] = x[i];',
  });
}

const halfOf: Readonly<Record<string, string>> = { f32: 'f16', vec2f: 'vec2h', vec4f: 'vec4h' };

/**
 * @param halves whether the buffer of each binding holds numbers of 16 bits
 * @throws Error when such a buffer holds no numbers that can be halved, or is changed in a way other than by `buffer[...] = ...;`
 */
export function inHalf({ name, wgsl, workgroups }: RawKernel, halves: readonly boolean[]): RawKernel {
  let code = wgsl;
  for (const [binding, isHalf] of halves.entries()) if (isHalf) code = halved(code, binding, name);
  return { name: `${name}, half`, wgsl: `enable f16;\n${code}`, workgroups };
}

function halved(code: string, binding: number, kernel: string): string {
  const declared = new RegExp(`(@binding\\(${binding}\\) var<[^>]*> (\\w+)): array<(\\w+)>;`).exec(code);
  const [declaration, head, buffer, type] = declared ?? [];
  const half = halfOf[type ?? ''];
  if (!declaration || !half) throw new Error(`${kernel} has no numbers at binding ${binding}.`);
  const end = declared!.index + declaration.length;
  const before = `${code.slice(0, declared!.index)}${head}: array<${half}>;`;
  return before + converted(code.slice(end), { buffer: buffer!, type: type!, half, kernel });
}

interface Halved {
  buffer: string;
  /** In the source, and in the buffer. */
  type: string;
  half: string;
  kernel: string;
}

/** Loads become `type(buffer[at])`, stores `buffer[at] = half(value);`; also within the brackets and values of others. */
function converted(code: string, of: Halved): string {
  const { buffer, type, half, kernel } = of;
  const access = new RegExp(`(?<![\\w.])${buffer}\\[`, 'g');
  let out = '';
  let done = 0;
  for (let found = access.exec(code); found; found = access.exec(code)) {
    const end = closing(code, access.lastIndex);
    const at = converted(code.slice(access.lastIndex, end - 1), of);
    out += code.slice(done, found.index);
    const stores = /^\s*=(?!=)/.exec(code.slice(end, end + 8));
    if (/^\s*[-+*/]=/.test(code.slice(end, end + 8)))
      throw new Error(`${kernel} changes ${buffer} in place, which cannot be half precision.`);
    if (stores) {
      const from = end + stores[0].length;
      const to = code.indexOf(';', from);
      out += `${buffer}[${at}] = ${half}(${converted(code.slice(from, to).trim(), of)})`;
      done = to;
    } else {
      out += `${type}(${buffer}[${at}])`;
      done = end;
    }
    access.lastIndex = done;
  }
  return out + code.slice(done);
}

/** The place after the bracket that closes the one before `from`. */
function closing(code: string, from: number): number {
  let depth = 1;
  let at = from;
  for (; depth > 0 && at < code.length; at++) {
    if (code[at] === '[') depth++;
    if (code[at] === ']') depth--;
  }
  return at;
}
