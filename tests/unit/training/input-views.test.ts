/** Teacher and student see different views of the same instances. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ImageSource } from '../../../src/distill/modalities/image/image-source';
import { plainView } from '../../../src/distill/modalities/input-view';
import { studiedSet } from '../../../src/distill/material/studied-set';
import { tf } from '../../../src/engine/tf';
import { readSafetensorsMetadata } from '../../../src/nn/safetensors';
import { aboutFromMetadata } from '../../../src/nn/weights-about';
import { StudentBatches } from '../../../src/training/batches';
import { feedsOf, planRun } from '../../../src/training/plan';
import { seenRows } from '../../../src/training/step-inputs';
import { useWasm } from '../../support/wasm-in-node';
import { numbersOf, ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const dataset = tinyDataset();
const half = { network: 'cnn-2-4', view: 'half' };

describe('a student that sees the picture at half size', () => {
  it('is planned, trained, measured and saved with a shape of its own', async () => {
    const recipe = (view: string, ids: string[]) =>
      tinyRecipe({
        hints: ids.map((id) => ({ id, weight: 0.1 })),
        student: { ...half, view },
        objective: { hardAnswers: true },
        schedule: { steps: 3, batch: 12, evaluateEvery: 3 },
      });
    const before = tf.memory().numTensors;
    const own = await train(recipe('half', ['kd', 'fitnet', 'at', 'ofd', 'review', 'vid', 'sp']));
    const same = await train(recipe('same', ['kd']));
    expect(ofType(own.events, 'failed')).toEqual([]);
    const [started] = ofType(own.events, 'started');
    expect(started!.facts.dataset.shape).toEqual([4, 4, 1]);
    expect(started!.facts.notes).toContain(
      'The teacher sees images of 8×8, the student and its baseline the same images at 4×4.',
    );
    const [teacher, student] = started!.facts.networks;
    const [, wide] = ofType(same.events, 'started')[0]!.facts.networks;
    expect(student!.multiplyAdds * 4).toBeCloseTo(wide!.multiplyAdds, -3);
    expect(teacher!.multiplyAdds).toBe(ofType(same.events, 'started')[0]!.facts.networks[0]!.multiplyAdds);
    // The teacher is the one that it is where both see the same; the lines beside the student are not.
    const [last, lastOfSame] = [own, same].map(({ events }) => ofType(events, 'finished')[0]!);
    expect(last!.final.teacher).toBe(lastOfSame!.final.teacher);
    const { watched } = started!;
    expect([watched.height, watched.student?.height]).toEqual([8, 4]);
    const corner = [0, 1, 8, 9].reduce((sum, p) => sum + watched.pixels[p]!, 0) / 4;
    expect(watched.student!.pixels[0]).toBe(Math.round(corner));
    for (const [learner, input] of [
      ['teacher', [8, 8, 1]],
      ['student', [4, 4, 1]],
      ['control', [4, 4, 1]],
      ['hard', [4, 4, 1]],
    ] as const) {
      const about = aboutFromMetadata(readSafetensorsMetadata((await own.run.weights(learner))!));
      expect(about.input, learner).toEqual(input);
    }
    [own, same].forEach(({ run }) => run.dispose());
    expect(tf.memory().numTensors).toBe(before);
  });

  it('sees each picture moved and changed as the teacher does, in its own pixels', () => {
    const recipe = tinyRecipe({ student: half, material: { dataset: 'upload', shift: 2, flip: true } });
    const plan = planRun(recipe, dataset);
    const [feeds, { train: split }] = [feedsOf(plan), plan.material.dataset];
    const plain = { mean: 0, deviation: 1 };
    const seen = seenRows(
      {
        student: { ...feeds.student, normalisation: plain },
        teacher: { ...feeds.teacher, normalisation: plain },
      },
      split,
    );
    const { seed } = recipe;
    const batches = new StudentBatches({
      material: plan.material,
      seen,
      batch: 12,
      seed,
      shift: 2,
      flip: true,
      strongView: true,
    });
    const batch = batches.next();
    const halved = (images: Float32Array) =>
      tf.tidy(() => tf.avgPool(tf.tensor4d(images, [12, 8, 8, 1]), 2, 2, 'valid').dataSync());
    const [small, large] = [batches.images(batch), batches.teacherImages(batch)];
    const pairs: [Float32Array, Float32Array][] = [
      [small.dataSync<'float32'>(), large.dataSync<'float32'>()],
      [batch.strong!.student, batch.strong!.teacher],
    ];
    tf.dispose([small, large]);
    for (const [ofStudent, ofTeacher] of pairs)
      halved(ofTeacher).forEach((value, i) => expect(ofStudent[i]).toBeCloseTo(value, 5));
    expect(batch.moves!.some((value) => value !== 0)).toBe(true);
  });

  it('is refused where the sides are uneven, and means nothing for a table', async () => {
    const sixth = tinyRecipe({ student: half, material: { dataset: 'upload', halve: true } });
    expect(planRun(sixth, dataset).input).toEqual([2, 2, 1]);
    const odd = {
      ...dataset,
      inputs: { input: { kind: 'image', height: 9, width: 9, channels: 1 } as const },
    };
    expect(() => planRun(tinyRecipe({ student: half }), odd)).toThrow(/even sides, and the teacher sees 9×9/);
  });
});

describe('a teacher that sees the images before they were disturbed', () => {
  const material = {
    dataset: 'upload',
    labelsPerClass: 10,
    unlabelled: 40,
    trainNoise: 40,
    testNoise: 40,
    teacherView: 'undisturbed',
  };

  it.each(['rest', 'stimuli', 'second-domain'])('has them beside the others: %s', (unlabelledFrom) => {
    const knobs = tinyRecipe({ material: { ...material, unlabelledFrom } }).material;
    const { dataset: studied } = studiedSet(dataset, knobs, 3);
    const { dataset: shown } = studiedSet(dataset, { ...knobs, teacherView: 'same' }, 3);
    const { dataset: clear } = studiedSet(dataset, { ...knobs, trainNoise: 0, testNoise: 0 }, 3);
    for (const split of ['train', 'test', 'secondTest'] as const) {
      expect(studied[split]?.inputs['input']).toEqual(shown[split]?.inputs['input']);
      expect(studied[split]?.inputs['undisturbed']).toEqual(clear[split]?.inputs['input']);
    }
  });

  it('trains and teaches on them, and is measured on them', async () => {
    const recipe = tinyRecipe({ hints: [{ id: 'kd' }, { id: 'fitnet', weight: 1 }], material });
    const { run, events } = await train(recipe);
    const clear = await train(
      tinyRecipe({ ...recipe, material: { ...material, trainNoise: 0, testNoise: 0 } }),
    );
    [run, clear.run].forEach((one) => one.dispose());
    const [of, ofClear] = [events, clear.events].map((all) => ofType(all, 'finished')[0]!.final);
    expect(of!.teacher).toBe(ofClear!.teacher);
    expect(numbersOf(events).steps[0]).toEqual(numbersOf(clear.events).steps[0]);
    const { watched } = ofType(events, 'started')[0]!;
    const source = new ImageSource(dataset, plainView);
    const rows = watched.images.map(({ index }) => index);
    expect(watched.pixels).toEqual(source.pictures(dataset.train, rows));
    expect(watched.student!.pixels).not.toEqual(watched.pixels);
  });
});

describe('a teacher that looks at partners of the same class', () => {
  const material = { dataset: 'upload', labelsPerClass: 6, unlabelled: 20, partner: 'class' };

  it('sees another image with the label of each labelled one, and the unlabelled ones themselves', () => {
    const plan = planRun(tinyRecipe({ material }), dataset);
    const { train: split } = plan.material.dataset;
    const seen = seenRows(feedsOf(plan), split);
    const setup = { material: plan.material, seen, batch: 12, seed: 1, shift: 0, flip: false };
    const batches = new StudentBatches({ ...setup, strongView: false, partners: true });
    const given = plan.material.given.values;
    for (let step = 0; step < 5; step++) {
      const { trainRows, shown } = batches.next();
      trainRows.forEach((row, i) => {
        const partner = shown!.trainRows[i]!;
        expect(given[partner]).toBe(given[row]);
        expect(partner === row).toBe(given[row]! < 0);
      });
    }
  });

  it('trains the student with what it says of the partners, and says so', async () => {
    const trained = async (partner: string, hint: string) => {
      const recipe = tinyRecipe({
        material: { ...material, partner },
        hints: [{ id: hint, weight: 0.1 }],
        schedule: { steps: 4, batch: 12, evaluateEvery: 4 },
      });
      const { run, events } = await train(recipe);
      run.dispose();
      return events;
    };
    const before = tf.memory().numTensors;
    const [alone, partners, strong] = [
      await trained('none', 'kd'),
      await trained('class', 'kd'),
      await trained('class', 'mlld'),
    ];
    expect(tf.memory().numTensors).toBe(before);
    const kdOf = (events: typeof alone) =>
      ofType(events, 'step')
        .filter(({ phase }) => phase === 'student')
        .map(({ values }) => values['kd']);
    expect(kdOf(partners)[0]).not.toBe(kdOf(alone)[0]);
    expect(ofType(strong, 'finished')).toHaveLength(1);
    const finals = [alone, partners].map((events) => ofType(events, 'finished')[0]!.final);
    expect(finals[1]!.control).toBe(finals[0]!.control);
    const notes = (events: typeof alone) => ofType(events, 'started')[0]!.facts.notes.join(' ');
    expect(notes(partners)).toContain('the teacher looks at a partner');
    expect(notes(alone)).not.toContain('partner');
    const refused = await trained('class', 'bss');
    expect(ofType(refused, 'failed')[0]).toMatchObject({ step: 0 });
  });
});
