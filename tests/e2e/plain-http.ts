/** `npm start` for other machines, and pages that come from it over plain http. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type Page } from 'playwright';
import { beforeAll, onTestFinished } from 'vitest';
import { chromiumLaunch } from '../../scripts/chromium.mjs';
import { root } from '../../scripts/prepare.mjs';
import { patience } from '../patience';
import { link } from './run-page';

/** Call at the top of a test file. */
export function usePlainHttp(): (recipe: object) => Promise<{ page: Page; errors: string[] }> {
  let home: string;
  let browser: Browser;

  beforeAll(async () => {
    const { args, ...launch } = await chromiumLaunch('software');
    const rules = '--host-resolver-rules=MAP retort.test 127.0.0.1';
    browser = await chromium.launch({ ...launch, args: [...args, rules] });
    const child = spawn(process.execPath, [join(root, 'scripts', 'start.mjs'), '--host', '--no-open'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    home = `http://retort.test:${/:(\d+)\//.exec(line)![1]}/`;
    return async () => {
      child.kill();
      await browser.close();
    };
  });

  return async (recipe) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    onTestFinished(() => context.close());
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    const errors: string[] = [];
    context.on('weberror', (error) => errors.push(String(error.error())));
    page.on('console', (message) => {
      // The server isolates its page, which Chromium leaves undone over plain http, and says so.
      const ofIsolation = message.text().includes('Cross-Origin-Opener-Policy');
      if (message.type() === 'error' && !ofIsolation) errors.push(message.text());
    });
    await page.goto(home + link({ ...recipe }));
    return { page, errors };
  };
}
