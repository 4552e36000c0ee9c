import { describe, expect, test, vi } from 'vitest';
import type { Dataset } from '../../../src/data/dataset';
import { defaultRecipe } from '../../../src/distill/recipe';
import { Delivery, withPiece } from '../../../src/worker/delivery';
import type { DatasetPiece, TrainingCommand } from '../../../src/worker/protocol';

type Message = TrainingCommand | DatasetPiece;

/** Both splits are views of one array, as an import makes them. */
function setOf(images: number, title: string): Dataset {
  const size = 64 * 64 * 3;
  const all = new Uint8Array(images * size);
  for (let i = 0; i < all.length; i++) all[i] = i * 7 + (i >> 9);
  const test = 10;
  const split = (from: number, count: number) => ({
    images: all.subarray(from * size, (from + count) * size),
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
    count,
  });
  const about = { id: 'upload', title, height: 64, width: 64, channels: 3, classes: ['a', 'b'] };
  return { ...about, train: split(0, images - test), test: split(images - test, test) };
}

/** A worker's post box, which copies as a worker's does. */
class Box {
  readonly messages: Message[] = [];
  readonly bytes: number[] = [];
  onThird: () => void = () => undefined;
  postMessage(message: Message, transfer: unknown): void {
    const copy = structuredClone(message, {
      transfer: Array.isArray(transfer) ? (transfer as ArrayBuffer[]) : [],
    });
    this.messages.push(copy);
    this.bytes.push('bytes' in copy ? copy.bytes.buffer.byteLength : 0);
    if (this.messages.length === 3) this.onThird();
  }
  /** The set that a worker would have by now. */
  known(): Dataset | null {
    let known: Dataset | null = null;
    for (const message of this.messages)
      if (message.type === 'dataset' || message.type === 'images') known = withPiece(known, message);
    return known;
  }
  types(): string[] {
    const types = this.messages.map(({ type }) => type);
    return types.filter((type, i) => type !== 'images' || types[i - 1] !== 'images');
  }
}

const recipe = defaultRecipe();
const inspect = (request: number, dataset: Dataset): TrainingCommand => ({
  type: 'inspect',
  request,
  recipe,
  dataset,
});

describe('images on their way to the training worker', () => {
  test('arrive whole, in small pieces, ahead of the command; what was sent later waits', async () => {
    const box = new Box();
    const delivery = new Delivery(box);
    const dataset = setOf(1500, 'large');
    box.onThird = () => delivery.send({ type: 'stop', run: 'a' });
    delivery.send(inspect(1, dataset));
    delivery.send({ type: 'start', run: 'a', recipe, dataset });
    await vi.waitFor(() => expect(box.types()).toContain('stop'));
    expect(box.types()).toEqual(['dataset', 'images', 'inspect', 'start', 'stop']);
    expect(box.messages.slice(-3)).toMatchObject([{ dataset: 'known' }, { dataset: 'known' }, {}]);
    expect(Math.max(...box.bytes)).toBeLessThanOrEqual(512 * 1024);
    const { train, test: testing, ...about } = box.known()!;
    const { train: sentTrain, test: sentTest, ...sentAbout } = dataset;
    expect(about).toEqual(sentAbout);
    for (const [found, sent] of [
      [train, sentTrain],
      [testing, sentTest],
    ] as const) {
      expect(Buffer.compare(found.images, sent.images)).toBe(0);
      expect(found.labels).toEqual(sent.labels);
      expect(found.count).toBe(sent.count);
    }
    expect(dataset.train.images.length).toBe(1490 * 64 * 64 * 3);
  });

  test('are sent once, and again after another set', async () => {
    const box = new Box();
    const delivery = new Delivery(box);
    const sets = [setOf(1500, 'large'), setOf(20, 'small')];
    for (const [request, which] of [0, 0, 1, 1, 0].entries()) delivery.send(inspect(request, sets[which]!));
    delivery.send({ type: 'stop', run: 'a' });
    await vi.waitFor(() => expect(box.types()).toContain('stop'));
    expect(box.types()).toEqual([
      ...['dataset', 'images', 'inspect', 'inspect'],
      ...['inspect', 'inspect'],
      ...['dataset', 'images', 'inspect', 'stop'],
    ]);
    const sent = box.messages.flatMap((message) => (message.type === 'inspect' ? [message.dataset] : []));
    expect(sent.map((set) => (typeof set === 'string' ? set : set?.title))).toEqual([
      'known',
      'known',
      'small',
      'known',
      'known',
    ]);
  });

  test('go no further once the worker is over', async () => {
    const box = new Box();
    const delivery = new Delivery(box);
    delivery.send(inspect(1, setOf(4000, 'large')));
    delivery.send({ type: 'stop', run: 'a' });
    delivery.stop();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(box.types()).not.toContain('inspect');
    expect(box.types()).not.toContain('stop');
  });
});

test('a command without images is sent at once', () => {
  const box = new Box();
  new Delivery(box).send({ type: 'pause', run: 'a' });
  expect(box.types()).toEqual(['pause']);
});
