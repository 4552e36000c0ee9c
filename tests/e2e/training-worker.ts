import type { Page, Worker } from 'playwright';

/**
 * The page's training worker, by its name: workers have no addresses of their own. All are asked at once, because helper
 * threads sleep without answering, and end when others take their place.
 */
export function trainingWorker(page: Page): Promise<Worker> {
  return Promise.any(
    page.workers().map(async (worker) => {
      if (await worker.evaluate(() => self.name.endsWith('#training'))) return worker;
      throw new Error('This is another worker.');
    }),
  );
}
