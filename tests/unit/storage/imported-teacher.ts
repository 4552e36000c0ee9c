import type { ImportedTeacher } from '../../../src/storage/schema';

/** What is known of a small teacher from a file. @param id checksum of its files */
export const aboutTeacher = (id: string): ImportedTeacher => ({
  id,
  name: 'teacher.safetensors',
  network: 'cnn-4-8',
  normalisation: { mean: 0.5, deviation: 0.25 },
  answers: 'logits',
  accuracy: 0.9,
  dataset: 'Bars',
  notes: [],
});
