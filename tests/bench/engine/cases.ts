/** The training steps that benches time. */
import type { EngineCase } from './training';

const shapes = [
  { name: 'CNN 8x8x1 b32', student: 'cnn-8-16-32', teacher: 'cnn-16-32-64', side: 8, channels: 1, batch: 32 },
  { name: 'CNN 8x8x1 b64', student: 'cnn-8-16-32', teacher: 'cnn-16-32-64', side: 8, channels: 1, batch: 64 },
  {
    name: 'CNN 28x28x1 b64',
    student: 'cnn-8-16-32',
    teacher: 'cnn-16-32-64',
    side: 28,
    channels: 1,
    batch: 64,
  },
  {
    name: 'CNN 32x32x3 b64',
    student: 'cnn-8-16-32',
    teacher: 'cnn-16-32-64',
    side: 32,
    channels: 3,
    batch: 64,
  },
  { name: 'ResNet-8 8x8x1 b64', student: 'resnet8', teacher: 'resnet8', side: 8, channels: 1, batch: 64 },
] satisfies EngineCase[];

/** Larger pictures and batches, for graphics cards: a step takes seconds on a processor. */
export const largeCases: EngineCase[] = [
  { name: 'ResNet-18 224x224x3 b16, CE', student: 'ResNet18-stem7', side: 224, batch: 16 },
  { name: 'ResNet-18 96x96x3 b64, CE', student: 'ResNet18-stem7', side: 96, batch: 64 },
  { name: 'ResNet-50 96x96x3 b16, CE', student: 'ResNet50-stem7', side: 96, batch: 16 },
  { name: 'ResNet-20 32x32x3 b512, CE', student: 'resnet20', side: 32, batch: 512 },
  {
    name: 'CNN 32x32x3 b512, KD + feature',
    student: 'cnn-8-16-32',
    side: 32,
    batch: 512,
    teacher: 'cnn-16-32-64',
  },
].map(({ teacher = null, ...one }) => ({ ...one, teacher, channels: 3 }));

/** Every shape with cross-entropy alone, and with CE + T^2 KL + feature hint from a frozen teacher. */
export const engineCases: EngineCase[] = shapes.flatMap((shape) => [
  { ...shape, name: `${shape.name}, CE`, teacher: null },
  { ...shape, name: `${shape.name}, KD + feature` },
]);
