/** The margin of OFD: what a channel of the teacher is like where it is silent. */

/**
 * Mean of the negative part of a Gaussian with mean `beta` and deviation |gamma|: the expected value before the ReLU of
 * a channel of the batch norm (gamma, beta) where it does not fire. Below one chance in a thousand of that, -3|gamma|.
 * Source: Heo et al. 2019 (b), the authors' code.
 */
export function marginOf(gamma: number, beta: number): number {
  const deviation = Math.abs(gamma);
  const ratio = beta / deviation;
  const silent = normalTail(ratio);
  if (!(silent > 0.001)) return -3 * deviation;
  const density = Math.exp(-(ratio * ratio) / 2) / Math.sqrt(2 * Math.PI);
  return beta - (deviation * density) / silent;
}

/** P(X > x) of a standard normal variable, to about 1e-13. */
function normalTail(x: number): number {
  return x < 0 ? 1 - upperTail(-x) : upperTail(x);
}

/** P(X > x) for x >= 0: the density times a sum near zero and a continued fraction further out. */
function upperTail(x: number): number {
  const density = Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x < 3) {
    // P(0 < X < x) = density * (x + x^3/3 + x^5/(3*5) + ...)
    let term = x;
    let sum = x;
    for (let k = 3; term > sum * 1e-16; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  // density / (x + 1/(x + 2/(x + 3/(x + ...))))
  let fraction = x;
  for (let k = 60; k >= 1; k--) fraction = x + k / fraction;
  return density / fraction;
}
