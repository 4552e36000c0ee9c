import { describe, expect, test } from 'vitest';
import { cifar, file, gzip, load, picture, refused, text, zip } from './builders';

const at = (offset: number, content: string) => text('\0'.repeat(offset) + content);

describe('a file of a kind that is not read', () => {
  test.each([
    ['BigTIFF', text('II+\0aaaaaaaa'), /BigTIFF.*PNG or JPEG/],
    ['BigTIFF', text('MM\0+aaaaaaaa'), /BigTIFF/],
    ['HEIC', at(4, 'ftypheic'), /HEIC.*PNG or JPEG/],
    ['HEIC', at(4, 'ftypmif1'), /HEIC/],
    ['RAR', text('Rar!\x1a\x07'), /RAR.*zip/],
    ['7z', Uint8Array.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]), /7z.*zip/],
    ['xz', Uint8Array.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), /xz/],
    ['bzip2', text('BZh91AY'), /bzip2/],
    ['zstd', Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd]), /zstd/],
    ['HDF5', Uint8Array.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a]), /HDF5.*damaged beginning/],
    ['MATLAB', text('MATLAB 5.0 MAT-file'), /MATLAB.*damaged header/],
    ['Python pickle', Uint8Array.from([0x80, 4, 0x95]), /pickle ends early/],
    ['Parquet', text('PAR1....PAR2'), /Parquet.*cut off/],
    ['Parquet', text('PARE....PARE'), /encrypted Parquet/],
    ['SVG', text('<svg xmlns="http://www.w3.org/2000/svg"/>'), /SVG.*PNG or JPEG/],
    ['SVG', text('<?xml version="1.0"?>\n<svg/>'), /SVG/],
    ['HTML', text('\uFEFF <!doctype html><title>Sign in</title>'), /web page/],
    [
      'git-LFS pointer',
      text('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n'),
      /git lfs pull/,
    ],
    ['JSON', text('{"images": [1, 2],\n"labels": [1, 2]}'), /JSON/],
    ['PDF', text('%PDF-1.7'), /PDF/],
    ['empty', new Uint8Array(0), /empty/],
    ['unknown', Uint8Array.from([1, 2, 3, 0, 250, 251]), /no kind that can be read.*zip/],
    ['text', text('hello'), /neither a table/],
  ])('is refused as %s', async (format, bytes, message) => {
    // The name says something else on purpose.
    const report = await refused([file('data.csv', bytes)]);
    expect(report.format).toBe(format);
    expect(report.message).toMatch(message);
    expect(report.message).toMatch(/^data\.csv .*\.$/s);
    const packed = await refused([file('data.csv.gz', gzip(bytes))]);
    expect(packed.message).toMatch(message);
  });

  test('is refused in one sentence when there are several', async () => {
    const report = await refused([file('a.heic', at(4, 'ftypheic')), file('b.heic', at(4, 'ftypheic'))]);
    expect(report.message).toMatch(/None of the 2 files.*a\.heic is a HEIC/);
    expect(report.skippedCount).toBe(2);
  });
});

test('a text in an old encoding and an Office document are named', async () => {
  const latin = Uint8Array.from([...'Größe,1\nMaß,2\n'].map((letter) => letter.charCodeAt(0)));
  expect((await refused([file('x.csv', latin)])).message).toContain('save it anew as CSV (UTF-8)');
  const unmarked = Uint8Array.from([...'label,a\n1,2\n'].flatMap((letter) => [letter.charCodeAt(0), 0]));
  expect((await refused([file('x.csv', unmarked)])).message).toContain('not a text in UTF-8 or UTF-16');
  const wide = Uint8Array.from(
    [...'\uFEFFa,b\n1,2\n'].flatMap((l) => [l.charCodeAt(0) & 255, l.charCodeAt(0) >> 8, 0, 0]),
  );
  expect((await refused([file('x.csv', wide)])).message).toContain('not a text in UTF-8 or UTF-16');
  const colons = await refused([file('x.csv', text('label:a\n1:2\n'))]);
  expect(colons.message).toContain('with commas, semicolons, tabs or bars between them');
  const sheet = zip({ '[Content_Types].xml': text('<Types/>'), 'xl/media/1.png': picture(1) });
  expect((await refused([file('x.xlsx', sheet)])).message).toMatch(/Office document.*CSV/);
});

test('a single picture is refused', async () => {
  expect((await refused([file('cat.png', picture(1))])).message).toContain('no folders');
});

test('nothing at all is refused', async () => {
  expect((await refused([])).message).toContain('No file');
  expect((await refused([file('.DS_Store', 'x')])).message).toContain('No file');
});

test('a file that vanished after it was dropped is named', async () => {
  const gone = new Blob(['a,b\n']);
  Object.defineProperty(gone, 'slice', {
    value: () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotFoundError')) }),
  });
  const { report } = await load([{ path: 'gone.csv', bytes: gone }]);
  expect(report.message).toContain('gone.csv can no longer be read');
});

test('a crash of a reader is a report, not an exception', async () => {
  const files = [file('a/1.png', picture(1)), file('b/1.png', picture(2))];
  const onProgress = () => {
    throw new Error('a bug');
  };
  const { report } = await load(files, { onProgress });
  expect(report.outcome).toBe('refused');
  expect(report.message).toContain('a bug');
});

test('a CIFAR file of one record is no data set', async () => {
  expect((await refused([file('x.bin', cifar(1, 1))])).message).toContain('only one class');
});

test('a refusal names what was dropped, even when the cause is in the set as a whole', async () => {
  const one = await refused([file('cats.zip', zip({ 'cat/1.png': picture(1), 'cat/2.png': picture(2) }))]);
  expect(one.message).toMatch(/^cats\.zip: There is only one class \("cat"\)/);
  const folder = [1, 2, 3].map((n) => file(`pets/cat/${n}.png`, picture(n)));
  expect((await refused(folder)).message).toMatch(/^pets: There is only one class/);
  const loose = [1, 2].map((n) => ({ ...file(`${n}.jpg`, picture(n)), className: 'cat' }));
  expect((await refused(loose)).message).toMatch(/^1.jpg and 2.jpg: There is only one class/);
});
