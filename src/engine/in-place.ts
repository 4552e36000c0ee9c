/**
 * In-place updates of variables: no new buffers. On WebGPU one dispatch updates several variables; on WebAssembly one call
 * updates one.
 */
import { floatOf, hasFused } from './fused-ops';
import {
  adamRule,
  blendRule,
  sgdRule,
  updateKernel,
  variablesPerDispatch,
  type UpdateRule,
} from './kernels/optimise';
import { unsummed } from './kernels/reduce';
import { tf } from './tf';
import { changed, launch, pinsOf, wasmBackend } from './wasm/launch';
import type { RetortBackend } from './webgpu-backend';

const rules = { sgd: sgdRule, adam: adamRule, blend: blendRule };

/** A variable, its gradient or other operands, and the optimiser's state for it, all of one size. */
export interface Update {
  variable: tf.Variable;
  gradient: tf.Tensor;
  slots: readonly tf.Variable[];
}

/** Whether variables of the active backend can be updated in place. */
export function canUpdateInPlace(): boolean {
  return hasFused('RetortRelu');
}

/**
 * One step of an update rule; only where `canUpdateInPlace`.
 * @param hyperparameters in the order documented with the rule in `kernels/optimise.ts`
 */
export function updateInPlace(
  rule: keyof typeof rules,
  updates: readonly Update[],
  hyperparameters: tf.Tensor1D,
): void {
  if (isWasm()) {
    ownBuffers(updates.flatMap(({ variable, slots }) => [variable, ...slots]));
    updates.forEach((update) => tf.tidy(() => updateOnWasm(rule, update, hyperparameters)));
    return;
  }
  const backend = tf.backend() as RetortBackend;
  const most = variablesPerDispatch(rules[rule], backend.device.limits.maxStorageBuffersPerShaderStage);
  for (const group of groupsOf(updates, most))
    tf.tidy(() => updateGroup(backend, rules[rule], group, hyperparameters));
}

/**
 * Groups of limited size without repeats: a variable that is in a dispatch twice would be updated in undefined order.
 */
function groupsOf(updates: readonly Update[], most: number): Update[][] {
  const groups: Update[][] = [];
  for (const update of updates) {
    const last = groups.at(-1);
    const fits = last && last.length < most && last.every(({ variable }) => variable !== update.variable);
    if (fits) last.push(update);
    else groups.push([update]);
  }
  return groups;
}

function updateGroup(
  backend: RetortBackend,
  rule: UpdateRule,
  updates: readonly Update[],
  hyperparameters: tf.Tensor1D,
): void {
  const written = updates.flatMap(({ variable, slots }) => [variable, ...slots]);
  ownBuffers(written);
  const gradients = updates.map(({ gradient }) => unsummed(backend, floatOf(gradient)));
  backend.runRaw(
    updateKernel(
      rule,
      updates.map(({ variable }) => variable.size),
      gradients.map(({ partials }) => partials),
    ),
    [
      { tensor: hyperparameters, access: 'read' },
      ...gradients.map(({ tensor }) => ({ tensor, access: 'read' as const })),
      ...written.map((tensor) => ({ tensor, access: 'read_write' as const })),
    ],
    [],
  );
}

/** Order of the operands as in `wasm/assembly/elements.ts`. */
function updateOnWasm(
  rule: keyof typeof rules,
  { variable, gradient, slots }: Update,
  hyperparameters: tf.Tensor1D,
): void {
  const kernels = { sgd: 'updateSgd', adam: 'updateAdam', blend: 'updateBlend' } as const;
  const operands = [variable, floatOf(gradient), ...slots, hyperparameters, variable.size];
  const backend = wasmBackend();
  launch(backend, kernels[rule], operands);
  for (const written of [variable, ...slots]) changed(backend, written);
}

/**
 * Writes rows into a table [N,D]: in place on WebAssembly, elsewhere by an assigned copy.
 * @param rows [B] int32 @param values [B,D]
 */
export function putRows(table: tf.Variable, rows: tf.Tensor1D, values: tf.Tensor): void {
  tf.tidy(() => {
    if (!isWasm() || !canUpdateInPlace()) {
      table.assign(tf.tensorScatterUpdate(table, tf.expandDims(rows, 1), values));
      return;
    }
    ownBuffers([table]);
    const backend = wasmBackend();
    const [count, columns] = values.shape as [number, number];
    launch(backend, 'putRows', [floatOf(values), rows, table, count, columns]);
    changed(backend, table);
  });
}

function isWasm(): boolean {
  return tf.getBackend() === 'wasm';
}

/** Must be called before variables are written in place; only where `canUpdateInPlace`. */
export function ownBuffers(variables: readonly tf.Variable[]): void {
  for (const variable of variables) ownBuffer(variable);
}

/** A variable assigned from another one shares its buffer until one of them changes. */
function ownBuffer(variable: tf.Variable): void {
  if (!isShared(variable)) return;
  tf.tidy(() => variable.assign(tf.mul(variable, tf.scalar(1))));
}

function isShared(variable: tf.Variable): boolean {
  if (isWasm()) {
    const backend = wasmBackend();
    // What recorded steps hold is the variable's own memory, which they expect to change.
    return backend.refCount(variable.dataId) - pinsOf(variable.dataId) > 1;
  }
  const backend = tf.backend() as RetortBackend;
  // Lazy tensors that read the variable share its buffer too, so they are computed first.
  backend.computeReadersOf(variable);
  return backend.isShared(variable);
}
