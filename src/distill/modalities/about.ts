/** What an instance of each modality is called. No tensor. */
import type { InputSpec } from '../../data/dataset';

export interface ModalityAbout {
  one: string;
  many: string;
}

export const modalityAbouts: Readonly<Record<InputSpec['kind'], ModalityAbout>> = {
  image: { one: 'image', many: 'images' },
  vector: { one: 'row', many: 'rows' },
};
