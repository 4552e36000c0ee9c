/** What unlike branches are made of: the layers of the authors' code, in multiples of one width. */
import type { EluCnn } from '../../../nn/networks/elu-cnn';

/** A branch as published, its filters in multiples of the first layer's 32. */
interface Published {
  activation: EluCnn['activation'];
  /** Per block: filters and the share dropped after it. */
  blocks: readonly (readonly [filters: number, dropout: number])[];
  /** Batch norm after how many of the two convolutions of a block. */
  norms: 1 | 2;
  /** L2 penalty on the kernels of its convolutions. */
  penalty: number;
}

const rising: Published['blocks'] = [
  [1, 0.2],
  [2, 0.3],
  [4, 0.4],
];
const without = rising.map(([filters]) => [filters, 0] as const);

/** The branches of both layouts for ten classes (Adamantios/NN-Train, 160a5c7); every block has two convolutions. */
const published: Record<'A' | 'B', readonly Published[]> = {
  A: (
    [
      [
        [1, 0.2],
        [2, 0.4],
      ],
      [[1, 0.3]],
      [[2, 0.3]],
      [
        [1, 0.2],
        [2, 0.4],
      ],
      [
        [1, 0.2],
        [1, 0.4],
      ],
    ] as const
  ).map((blocks) => ({ activation: 'elu', blocks, norms: 1, penalty: 1e-4 })),
  B: [
    { activation: 'elu', blocks: rising, norms: 2, penalty: 1e-4 },
    { activation: 'relu', blocks: rising, norms: 2, penalty: 1e-7 },
    { activation: 'elu', blocks: without, norms: 2, penalty: 1e-7 },
    { activation: 'elu', blocks: rising, norms: 2, penalty: 1e-4 },
    { activation: 'elu', blocks: rising, norms: 2, penalty: 1e-7 },
  ],
};

export interface Branch {
  network: EluCnn;
  /** L2 penalty on the kernels of its convolutions. */
  penalty: number;
}

/**
 * Unlike branches for images of a size. Blocks that would leave a map of a single pixel are left out, the first one
 * apart; where there are more branches than published ones, they begin again with the first.
 * @param width filters of the first layer (published: 32)
 * @param side the shorter side of the images, in pixels (published: 32)
 */
export function unlikeBranches(layout: 'A' | 'B', count: number, width: number, side: number): Branch[] {
  return Array.from({ length: count }, (_, b) => {
    const { activation, blocks, norms, penalty } = published[layout][b % published[layout].length]!;
    return {
      network: {
        activation,
        blocks: blocks
          .filter((_block, k) => k === 0 || side >= 2 ** (k + 2))
          .map(([filters, dropout]) => ({ filters: filters * width, convs: 2, dropout, norms })),
      },
      penalty,
    };
  });
}

/** The L2 penalty of each parameter of the unified network that has one, by name. @param parameters with their shapes */
export function penaltiesOf(
  branches: readonly Branch[],
  parameters: readonly { name: string; shape: readonly number[] }[],
): Map<string, number> {
  const kernels = parameters.filter(({ shape }) => shape.length === 4);
  return new Map(
    branches.flatMap(({ penalty }, b) =>
      kernels.flatMap(({ name }) => (name.startsWith(`branch${b}.`) ? [[name, penalty] as const] : [])),
    ),
  );
}
