/** A browser process of our own: it has a profile that outlives it, and it can be killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type BrowserContext } from 'playwright';
import { onTestFinished } from 'vitest';
import { chromiumLaunch } from '../../scripts/chromium.mjs';
import { patience } from '../patience';
import { withoutServiceWorker } from './harness';

export interface OwnBrowser {
  context: BrowserContext;
  /** The whole process group, at once and without a word. */
  kill: () => Promise<void>;
  close: () => Promise<void>;
}

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'retort-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** @param offline whether the page may keep itself for offline use, which fetches all of the build */
export async function openBrowser(
  profile: string,
  { args = [], offline = false }: { args?: readonly string[]; offline?: boolean } = {},
): Promise<OwnBrowser> {
  const { executablePath, env, args: usual } = await chromiumLaunch('software');
  const child = spawn(
    executablePath,
    [...usual, ...args, `--user-data-dir=${profile}`, '--remote-debugging-port=0', '--window-size=1440,900'],
    { env, stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  const gone = once(child, 'exit');
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
    await gone;
  };
  onTestFinished(end);
  const browser: Browser = await chromium.connectOverCDP(await endpointOf(child));
  const context = browser.contexts()[0]!;
  context.setDefaultTimeout(patience);
  if (!offline) await withoutServiceWorker(context);
  return {
    context,
    kill: end,
    async close() {
      const session = await browser.newBrowserCDPSession();
      await session.send('Browser.close').catch(() => undefined);
      await gone;
    },
  };
}

async function endpointOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface(child.stderr!)) {
    const found = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (found) {
      // Nobody reads on, and a full pipe would hold the browser up.
      child.stderr!.resume();
      return found;
    }
  }
  throw new Error('The browser ended before it could be spoken to.');
}
