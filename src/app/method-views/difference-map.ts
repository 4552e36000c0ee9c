/** From blue over grey to orange: both ends of Okabe-Ito, which colour-blind eyes can distinguish. */
const ends = [
  [0, 114, 178],
  [236, 236, 234],
  [213, 94, 0],
] as const;

/** 256 colours, RGB after RGB; the middle one stands for no difference. */
export const difference: Uint8Array = (() => {
  const colours = new Uint8Array(256 * 3);
  for (let level = 0; level < 256; level++) {
    const at = (level / 255) * 2;
    const [from, to] = at < 1 ? [ends[0], ends[1]] : [ends[1], ends[2]];
    const share = at < 1 ? at : at - 1;
    for (let channel = 0; channel < 3; channel++)
      colours[level * 3 + channel] = from[channel]! + (to[channel]! - from[channel]!) * share;
  }
  return colours;
})();
