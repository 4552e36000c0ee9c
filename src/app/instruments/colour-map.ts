/** Cividis: even in lightness and the same for colour-blind eyes. */
const stops = [
  [0, 34, 78],
  [18, 53, 112],
  [59, 73, 108],
  [87, 93, 109],
  [112, 113, 115],
  [138, 134, 120],
  [165, 156, 116],
  [195, 179, 105],
  [225, 204, 85],
  [254, 232, 56],
] as const;

/** 256 colours, RGB after RGB. */
export const cividis: Uint8Array = (() => {
  const colours = new Uint8Array(256 * 3);
  for (let level = 0; level < 256; level += 1) {
    const at = (level / 255) * (stops.length - 1);
    const [low, high] = [stops[Math.floor(at)]!, stops[Math.ceil(at)]!];
    for (let channel = 0; channel < 3; channel += 1)
      colours[level * 3 + channel] = low[channel]! + (high[channel]! - low[channel]!) * (at % 1);
  }
  return colours;
})();
