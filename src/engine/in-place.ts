/** Updates of variables in place on WebGPU: no new buffers, and a dispatch for several variables. */
import { floatOf, isFused } from './fused-ops';
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
import type { RetortBackend } from './webgpu-backend';

const rules = { sgd: sgdRule, adam: adamRule, blend: blendRule };

/** A variable, what it is updated with, and the optimiser's state for it, all of one size. */
export interface Update {
  variable: tf.Variable;
  gradient: tf.Tensor;
  slots: readonly tf.Variable[];
}

/** Whether variables of the active backend can be updated in place. */
export const canUpdateInPlace = isFused;

/**
 * One step of a rule; only where `canUpdateInPlace`.
 * @param hyperparameters in the order that the rule in `kernels/optimise.ts` says
 */
export function updateInPlace(
  rule: keyof typeof rules,
  updates: readonly Update[],
  hyperparameters: tf.Tensor1D,
): void {
  const backend = tf.backend() as RetortBackend;
  const most = variablesPerDispatch(rules[rule], backend.device.limits.maxStorageBuffersPerShaderStage);
  for (const group of groupsOf(updates, most))
    tf.tidy(() => updateGroup(backend, rules[rule], group, hyperparameters));
}

/** Runs of at most so many updates; one variable twice in a dispatch would be updated in no order. */
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

/** To be called before variables are written in place; only where `canUpdateInPlace`. */
export function ownBuffers(variables: readonly tf.Variable[]): void {
  for (const variable of variables) ownBuffer(tf.backend() as RetortBackend, variable);
}

/** A variable assigned from another one shares its buffer until one of them changes. */
function ownBuffer(backend: RetortBackend, variable: tf.Variable): void {
  // What is still to be computed from it holds it too.
  backend.computeReadersOf(variable);
  if (backend.isShared(variable)) tf.tidy(() => variable.assign(tf.mul(variable, tf.scalar(1))));
}
