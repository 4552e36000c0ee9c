/** The outline of a sound for SVG: its lowest and highest sample in each of `columns`, in a box of columns x height. */
export function wavePath(samples: Float32Array, columns: number, height: number): string {
  const middle = height / 2;
  let loudest = 0;
  for (const value of samples) loudest = Math.max(loudest, Math.abs(value));
  const scale = loudest === 0 ? 0 : (middle - 1) / loudest;
  const lines: string[] = [];
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * samples.length) / columns);
    const to = Math.max(from + 1, Math.floor(((column + 1) * samples.length) / columns));
    let [low, high] = [Infinity, -Infinity];
    for (const value of samples.subarray(from, to)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (low > high) break;
    const [top, bottom] = [middle - high * scale, middle - low * scale];
    // A line of no length is not drawn.
    lines.push(`M${column + 0.5} ${top.toFixed(1)}V${Math.max(bottom, top + 0.5).toFixed(1)}`);
  }
  return lines.join('');
}
