import type { Dataset, ImportReport } from '../../src/data/dataset';
import type { ExportTask, ImportPort, ImportTask } from '../../src/app/ports';
import { digits } from './glyphs';

const wait = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

export class FakeImports implements ImportPort {
  importFiles(
    files: { path: string; bytes: Blob }[],
    onProgress?: (text: string, share: number | null) => void,
  ): ImportTask {
    const refused = files.some((file) => file.path.endsWith('.txt'));
    const read = async (): Promise<{ report: ImportReport; dataset: Dataset | null }> => {
      for (let part = 1; part <= 10; part += 1) {
        await wait(120);
        onProgress?.(`Reading images, ${part * 140} of 1,400`, part / 10);
      }
      return {
        report: reportOf(refused),
        dataset: refused ? null : { ...digits(), id: 'upload', title: files[0]!.path },
      };
    };
    return { result: read(), cancel: () => undefined };
  }
  exportSet(): ExportTask {
    return { result: wait(300).then(() => new Blob(['zip'])), cancel: () => undefined };
  }
  async bundled(): Promise<Dataset> {
    await wait(100);
    return digits();
  }
  dispose(): void {}
}

function reportOf(refused: boolean): ImportReport {
  return {
    outcome: refused ? 'refused' : 'partial',
    format: refused ? 'unknown' : 'zip of class folders',
    train: refused ? 0 : 1437,
    test: refused ? 0 : 360,
    shape: refused ? null : [8, 8, 1],
    classes: refused ? [] : digits().classes,
    trainCounts: refused ? [] : Array.from({ length: 10 }, (_, index) => 140 + index),
    testCounts: refused ? [] : Array.from({ length: 10 }, () => 36),
    warnings: refused ? [] : ['There was no test folder: one image in five was set aside for testing.'],
    skipped: refused
      ? []
      : [
          { where: 'digits/3/notes.txt', why: 'not an image' },
          { where: 'digits/7/img_0041.png', why: 'the file is cut off' },
        ],
    skippedCount: refused ? 0 : 2,
    message: refused
      ? 'This text file holds no images. Drop a zip whose folders are the class names, or an IDX, NPZ or CSV file.'
      : '1,797 images of 10 classes were read from a zip of class folders; 2 files were skipped.',
    guesses: [],
  };
}
