/** `npm start`: from a fresh clone to the page in one command. */
import { ensureBuilt, ensureInstalled, requireNode, servePreview } from './prepare.mjs';

requireNode();
ensureInstalled();
await ensureBuilt();

const hasScreen =
  process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
const open = hasScreen && !process.env['CI'] && !process.argv.includes('--no-open');
const { url } = await servePreview({ host: 'localhost', port: 4173, open });
console.log(`Retort is at ${url}  (Ctrl+C stops it)`);
