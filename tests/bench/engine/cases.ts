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

/** Every shape with cross-entropy alone, and with CE + T^2 KL + feature hint from a frozen teacher. */
export const engineCases: EngineCase[] = shapes.flatMap((shape) => [
  { ...shape, name: `${shape.name}, CE`, teacher: null },
  { ...shape, name: `${shape.name}, KD + feature` },
]);
