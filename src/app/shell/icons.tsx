/** The few signs of the page, drawn on a 16-pixel grid in the colour of the text. */
const paths = {
  play: 'M4.5 2.8v10.4l8.5-5.2z',
  pause: 'M4.5 3h2.3v10H4.5zM9.2 3h2.3v10H9.2z',
  step: 'M3.5 3v10l6.5-5zM11 3h1.8v10H11z',
  stop: 'M4 4h8v8H4z',
} as const;

const strokes = {
  restart: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.8h-2.8',
  link: 'M6.6 9.4a2.6 2.6 0 0 0 3.8 0l2.2-2.2a2.6 2.6 0 0 0-3.7-3.7l-1 1M9.4 6.6a2.6 2.6 0 0 0-3.8 0L3.4 8.8a2.6 2.6 0 0 0 3.7 3.7l1-1',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9',
  moon: 'M13 9.4A5.3 5.3 0 1 1 6.6 3a4.2 4.2 0 0 0 6.4 6.4z',
  help: 'M6 6.1a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4M8 11.8v.1',
  close: 'M4 4l8 8M12 4l-8 8',
  expand: 'M9.5 3H13v3.5M6.5 13H3V9.5M13 3L9.3 6.7M3 13l3.7-3.7',
  chevron: 'M5 6.5l3 3 3-3',
  left: 'M9.5 4.5L6 8l3.5 3.5',
  right: 'M6.5 4.5L10 8l-3.5 3.5',
  more: 'M3.5 8h.1M8 8h.1M12.5 8h.1',
  plus: 'M8 3.5v9M3.5 8h9',
  upload: 'M8 10.5V3M5 5.8L8 2.8l3 3M3 10.5v2.3h10v-2.3',
  download: 'M8 3v7.5M5 7.7l3 3 3-3M3 10.5v2.3h10v-2.3',
  warning: 'M8 2.8l6 10.4H2zM8 6.8v3M8 11.6v.1',
  compare: 'M2.5 12.5c4.5 0 4-9 11-9M2.5 7.5c4.5 0 5 4.5 11 4.5',
  sliders: 'M3 4.5h5.5M11.5 4.5H13M3 11.5h1.5M7.5 11.5H13M10 3v3M6 10v3',
} as const;

export type IconName = keyof typeof paths | keyof typeof strokes;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  const filled = name in paths;
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={filled ? paths[name as keyof typeof paths] : strokes[name as keyof typeof strokes]}
        fill={filled ? 'currentColor' : 'none'}
        stroke={filled ? 'none' : 'currentColor'}
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** A retort with its receiving drop. */
export function Mark() {
  return (
    <svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true" focusable="false">
      <path
        d="M8.5 8.2c1.9-2.2 5.6-2.6 8-.8L24 13.6l-1.3 1.6-6.1-3.1c.2 4.3-2.7 7.9-6.9 7.9A6.9 6.9 0 0 1 8.5 8.2z"
        fill="none"
        stroke="var(--ink)"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
      <path d="M4.2 14.4h11.2c-.4 2.6-2.6 4.5-5.6 4.5s-5.2-1.9-5.6-4.5z" fill="var(--teacher)" />
      <path
        d="M23.4 17.6c.9 1.4 1.3 2.1 1.3 2.8a1.3 1.3 0 0 1-2.6 0c0-.7.4-1.4 1.3-2.8z"
        fill="var(--student)"
      />
    </svg>
  );
}
