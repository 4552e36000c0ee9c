/** Any static host: files of a folder, sent without a header of ours unless it is told one. It can go away. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface StaticHost {
  port: number;
  /** Ends with "/". */
  url: string;
  stop: () => Promise<void>;
}

/**
 * Paths begin with "/".
 * @param change what is sent in place of a file's content
 * @param more files beside those of the folder
 * @param at the port; 0 for any
 * @param headers sent with each answer
 */
export async function serveFolder(
  folder: string,
  change: (path: string, content: Buffer) => Buffer | string = (_, content) => content,
  more: Readonly<Record<string, string>> = {},
  at = 0,
  headers: Readonly<Record<string, string>> = {},
): Promise<StaticHost> {
  const server = createServer((request, response) => {
    const asked = normalize(decodeURIComponent(new URL(request.url!, 'http://host').pathname));
    const path = asked.endsWith('/') ? `${asked}index.html` : asked;
    try {
      const content = more[path] ?? change(path, readFileSync(join(folder, path)));
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
