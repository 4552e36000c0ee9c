import colours from './colours.css?raw';

/** Style sheet of the report: the page's colours, light or dark by the reader's setting, and a print layout. */
export const reportStyle = `
:root { color-scheme: light dark; }
${colours}* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 760px; margin: 0 auto; padding: 40px 20px 64px; }
h1 { margin: 0; font-size: 28px; line-height: 1.2; font-weight: 600; }
h2 { margin: 0 0 8px; font-size: 17px; font-weight: 600; }
section { margin-top: 32px; }
p { margin: 0 0 8px; }
a { color: var(--accent); }
.muted, footer { color: var(--ink-2); font-size: 13px; }
footer { margin-top: 40px; padding-top: 16px; border-top: 1px solid var(--rule); }
.headline { font-size: 19px; line-height: 1.4; }
.readouts { display: flex; flex-wrap: wrap; gap: 12px 40px; }
.readouts div { display: grid; }
.readouts span { font-size: 13px; font-weight: 500; }
.readouts b { font-size: 30px; line-height: 1.2; font-weight: 600; }
figure { margin: 0; }
figcaption { margin-bottom: 8px; font-size: 17px; font-weight: 600; }
.chart { display: block; width: 100%; height: auto; }
.chart path, .legend path { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.grid { stroke: var(--grid); }
.mark { stroke: var(--ink-2); stroke-dasharray: 2 3; }
.tick { fill: var(--ink-2); font-size: 11px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 8px 0 0; padding: 0; list-style: none; font-size: 13px; }
.legend svg { margin-right: 6px; vertical-align: middle; }
.legend b { font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { padding: 5px 16px 5px 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; font-weight: 400; }
thead th { color: var(--ink-2); }
.number { text-align: right; white-space: nowrap; }
.images { display: grid; grid-template-columns: repeat(auto-fill, minmax(116px, 1fr)); gap: 16px 12px; margin: 0; padding: 0; list-style: none; font-size: 12px; line-height: 1.35; }
.images li { display: grid; gap: 2px; align-content: start; }
.images img { image-rendering: pixelated; border-bottom: 3px solid var(--rule); }
.images [data-right='true'] img { border-color: var(--student); }
.images [data-right='false'] img { border-color: var(--warn); }
.images span { color: var(--ink-2); overflow-wrap: anywhere; }
.images span:first-of-type { color: var(--ink); }
pre { overflow-x: auto; padding: 12px; border: 1px solid var(--rule); font: 12px/1.45 ui-monospace, Menlo, Consolas, monospace; }
@media print { section, li { break-inside: avoid; } details { display: none; } }
`;
