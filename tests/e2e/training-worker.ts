import type { Page, Worker } from 'playwright';

/** The page's training worker, by its name: workers have no addresses of their own. */
export async function trainingWorker(page: Page): Promise<Worker> {
  for (const worker of page.workers())
    if (await worker.evaluate(() => self.name.endsWith('#training'))) return worker;
  throw new Error('There is no training worker.');
}
