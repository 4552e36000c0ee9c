import type { Page, Worker } from 'playwright';
import { expect } from 'vitest';

/** The page's training worker, by its name: workers have no addresses of their own. */
export async function trainingWorker(page: Page): Promise<Worker> {
  let found: Worker | undefined;
  await expect
    .poll(async () => {
      for (const worker of page.workers()) if (await isTraining(worker)) found = worker;
      return found !== undefined;
    })
    .toBe(true);
  return found!;
}

/** False for one that ends while it is asked, as helper threads do when another takes the place of theirs. */
function isTraining(worker: Worker): Promise<boolean> {
  return worker.evaluate(() => self.name.endsWith('#training')).catch(() => false);
}
