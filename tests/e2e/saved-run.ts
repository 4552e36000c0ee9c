/** A run in storage, and where its storage is. */
import type { CDPSession, Page } from 'playwright';
import { inject } from 'vitest';
import type { Open } from './harness';
import { endlessRun, holdAfter, link, start } from './run-page';

/** Of the page, as the browser's own tools name it. */
export const origin = () => new URL(inject('url')).origin;

/** A page with a run that is held and has been saved, and the browser's own tools. */
export async function savedRun(open: Open): Promise<{ page: Page; tools: CDPSession }> {
  const { page } = await open({ path: link({ ...endlessRun, title: 'Stored' }) });
  await start(page);
  // Measured twice by then: a curve.
  await holdAfter(page, 50);
  return { page, tools: await page.context().newCDPSession(page) };
}
