/** What a browser must load before it can paint a page: the entry's script with everything it imports statically. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { dist } from './prepare.mjs';

/** @typedef {{ file: string, imports?: string[], css?: string[] }} Chunk */

/**
 * @param {string} entry a page of the build, such as "index.html"
 * @returns {{ file: string, text: string, gzip: number }[]}
 */
export function firstPaintScripts(entry) {
  /** @type {Record<string, Chunk>} */
  const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'));
  /** @type {Set<string>} */
  const seen = new Set();
  /** @param {string} name */
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    manifest[name]?.imports?.forEach(visit);
  };
  visit(entry);
  return [...seen].map((name) => {
    const file = manifest[name]?.file;
    if (!file) throw new Error(`${name} is not in the build's manifest.`);
    const text = readFileSync(join(dist, file), 'utf8');
    return { file, text, gzip: gzipSync(text).byteLength };
  });
}
