/** Takes the cells of an experiment from the headless page, as it sends them (`cellMessage`). */
import { randomUUID } from 'node:crypto';

/**
 * @typedef {Omit<import('../src/headless/run-experiment').CellFile, 'metrics'> & { metrics: Buffer | null }} ReceivedCell
 * `metrics`: the content of its file; null for a cell that failed
 * @typedef {(cell: ReceivedCell) => void} OnCell
 */

export function cellReceiver() {
  // Nothing else on this machine may pass for the page.
  const path = `/cells/${randomUUID()}`;
  /** @type {OnCell} */
  let onCell = () => undefined;
  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  const take = async (request, response) => {
    try {
      /** @type {Buffer[]} */
      const parts = [];
      for await (const part of request) parts.push(part);
      const message = Buffer.concat(parts);
      const head = message.indexOf('\n');
      const metrics = message.subarray(head + 1);
      onCell({
        ...JSON.parse(message.toString('utf8', 0, head)),
        metrics: metrics.length > 0 ? metrics : null,
      });
      response.statusCode = 204;
      response.end();
    } catch (error) {
      response.statusCode = 500;
      response.end(error instanceof Error ? error.message : String(error));
    }
  };
  /** @type {import('vite').Connect.NextHandleFunction} */
  const middleware = (request, response, next) => {
    if (request.method === 'POST' && request.url === path) void take(request, response);
    else next();
  };
  return {
    path,
    middleware,
    /** @param {OnCell} listener where it throws, the page ends the experiment */
    listen(listener) {
      onCell = listener;
    },
  };
}
