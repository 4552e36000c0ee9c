import { describe, expect, test } from 'vitest';
import { cifar, file, gzip, loaded, pixel, refused, tar, text, zip } from './builders';

const names10 = 'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n';

function cifar10(): Record<string, Uint8Array> {
  return {
    'cifar-10-batches-bin/data_batch_1.bin': cifar(20, 1),
    'cifar-10-batches-bin/data_batch_2.bin': cifar(20, 1, 1000),
    'cifar-10-batches-bin/batches.meta.txt': text(names10),
    'cifar-10-batches-bin/test_batch.bin': cifar(10, 1, 2000),
    'cifar-10-batches-bin/readme.html': text('<html></html>'),
  };
}

describe('CIFAR binary', () => {
  test('reads the archive of CIFAR-10 with its names and split', async () => {
    const { report, dataset } = await loaded([file('cifar.tar.gz', gzip(tar(cifar10())))]);
    expect(report).toMatchObject({
      outcome: 'loaded',
      format: 'CIFAR-10 binary',
      train: 40,
      test: 10,
      shape: [32, 32, 3],
      skippedCount: 0,
    });
    expect(dataset.classes.slice(0, 2)).toEqual(['airplane', 'automobile']);
    // Red, green and blue of the second pixel of the first image.
    expect([...dataset.train.images.subarray(3, 6)]).toEqual([pixel(0, 1), pixel(0, 1025), pixel(0, 2049)]);
    expect([...dataset.train.labels.subarray(0, 3)]).toEqual([0, 1, 2]);
  });

  test('reads it as plain tar, as zip and as loose files too', async () => {
    for (const files of [
      [file('c.tar', tar(cifar10()))],
      [file('c.zip', zip(cifar10()))],
      Object.entries(cifar10()).map(([path, bytes]) => file(path, bytes)),
    ]) {
      const { report } = await loaded(files);
      expect(report).toMatchObject({ outcome: 'loaded', format: 'CIFAR-10 binary', train: 40, test: 10 });
    }
  });

  test('reads CIFAR-100 with its fine labels', async () => {
    const entries = {
      './cifar-100-binary/train.bin': cifar(40, 2),
      './cifar-100-binary/test.bin': cifar(20, 2, 3000),
      './cifar-100-binary/coarse_label_names.txt': text('animal\nvehicle\n'),
      './cifar-100-binary/fine_label_names.txt': text('ant\nbee\ncar\nbus\n'),
    };
    const { report } = await loaded([file('c100.tar.gz', gzip(tar(entries)))]);
    expect(report).toMatchObject({
      outcome: 'loaded',
      format: 'CIFAR-100 binary',
      train: 40,
      test: 20,
      classes: ['ant', 'bee', 'car', 'bus'],
    });
  });

  test('reads a single batch and splits it', async () => {
    const { report } = await loaded([file('data_batch_1.bin', cifar(100, 1))]);
    expect(report).toMatchObject({ outcome: 'loaded', train: 80, test: 20, shape: [32, 32, 3] });
    expect(report.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  test('refuses a batch that is cut off, and pickles that are damaged', async () => {
    const cut = await refused([file('data_batch_1.bin', cifar(20, 1).subarray(0, 60_000))]);
    expect(cut.message).toContain('3,073');
    const pickle = Uint8Array.from([0x80, 2, 0x7d, 0x71, 1, 0x28]);
    const python = gzip(
      tar({ 'cifar-10-batches-py/data_batch_1': pickle, 'cifar-10-batches-py/readme.html': text('<html>') }),
    );
    const report = await refused([file('cifar-10-python.tar.gz', python)]);
    expect(report.message).toContain('its pickle ends early');
  });
});
