/**
 * A browser without Playwright, for what must not be disturbed by it: Playwright listens to the network of each page, for which
 * the page's process keeps a copy of every answer.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumLaunch } from '../../../scripts/chromium.mjs';

/**
 * @typedef {object} BarePage
 * @property {(expression: string) => Promise<any>} evaluate value of an expression in the page
 * @property {(expression: string) => Promise<any>} until the same, asked for until it is true; at most five minutes
 * @property {(method: string, params?: object) => Promise<any>} send to the page, a command of the browser's protocol
 * @property {(method: string, params?: object) => Promise<any>} sendToBrowser
 * @property {() => Promise<void>} close ends the browser
 */

/** @param {string} url @returns {Promise<BarePage>} */
export async function openBarePage(url) {
  const { executablePath, env, args } = await chromiumLaunch('best');
  const profile = mkdtempSync(join(tmpdir(), 'retort-bench-'));
  const child = spawn(
    executablePath,
    [...args, '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'],
    { env, stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const [, , , input, output] = /** @type {any[]} */ (child.stdio);
  /** @type {Map<number, { resolve: (value: any) => void, reject: (reason: Error) => void }>} */
  const waiting = new Map();
  let rest = '';
  output.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop() ?? '';
    for (const { id, error, result } of messages.map((message) => JSON.parse(message))) {
      const answer = waiting.get(id);
      waiting.delete(id);
      if (error) answer?.reject(new Error(error.message));
      else answer?.resolve(result);
    }
  });
  let calls = 0;
  /** @param {string} method @param {object} params @param {string} [sessionId] @returns {Promise<any>} */
  const send = (method, params, sessionId) =>
    new Promise((resolve, reject) => {
      const id = ++calls;
      waiting.set(id, { resolve, reject });
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  const { targetId } = await send('Target.createTarget', { url });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  /** @param {string} expression */
  const evaluate = async (expression) => {
    const asked = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await send('Runtime.evaluate', asked, sessionId);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  await send(
    'Emulation.setDeviceMetricsOverride',
    { width: 1440, height: 900, deviceScaleFactor: 1, mobile: false },
    sessionId,
  );
  return {
    evaluate,
    until: async (expression) => {
      for (let time = 0; time < 1000; time++) {
        // While the page is being loaded there is nothing to ask.
        const value = await evaluate(expression).catch(() => undefined);
        if (value) return value;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      throw new Error(`The page never came to: ${expression}`);
    },
    send: (method, params = {}) => send(method, params, sessionId),
    sendToBrowser: (method, params = {}) => send(method, params),
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
