/** A short piece of a line as the charts draw it: the key to its colour and dash. */
export function LineSample({
  style,
  width = 18,
}: {
  style: { colour: string; dash?: string };
  width?: number;
}) {
  return (
    <svg width={width} height="8" aria-hidden="true" focusable="false">
      <line
        x1="0"
        y1="4"
        x2={width}
        y2="4"
        stroke={style.colour}
        strokeWidth="2.5"
        strokeDasharray={style.dash}
      />
    </svg>
  );
}
