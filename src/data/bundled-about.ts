/** Facts about the bundled sets that are known before they are fetched. */
import type { Attribution } from './dataset';

export interface BundledAbout {
  id: string;
  title: string;
  train: number;
  test: number;
  height: number;
  width: number;
  channels: number;
  /** Download size of all files together. */
  bytes: number;
  classes: readonly string[];
  attribution: Attribution;
}

const fashionClasses = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

const fashion: Attribution = {
  text: 'Fashion-MNIST, © 2017 Zalando SE. H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747.',
  licence: 'MIT',
  url: 'https://github.com/zalandoresearch/fashion-mnist',
};

export const bundledSets: readonly BundledAbout[] = [
  {
    id: 'digits-8x8',
    title: 'Digits, 8×8',
    train: 1437,
    test: 360,
    height: 8,
    width: 8,
    channels: 1,
    bytes: 45_402,
    classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    attribution: {
      text: 'Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998. Changed: format, values scaled to 0..255, own split.',
      licence: 'CC BY 4.0',
      url: 'https://doi.org/10.24432/C50P49',
    },
  },
  {
    id: 'fashion-mnist-small',
    title: 'Fashion, 2,000 images',
    train: 2000,
    test: 500,
    height: 28,
    width: 28,
    channels: 1,
    bytes: 1_085_411,
    classes: fashionClasses,
    attribution: { ...fashion, text: `${fashion.text} The first 200 and 50 images of each class.` },
  },
  {
    id: 'fashion-mnist',
    title: 'Fashion-MNIST, complete',
    train: 60_000,
    test: 10_000,
    height: 28,
    width: 28,
    channels: 1,
    bytes: 30_878_551,
    classes: fashionClasses,
    attribution: fashion,
  },
];
