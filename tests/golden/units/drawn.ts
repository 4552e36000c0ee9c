/** Units of pictures and second domains that are made in the page. */
import { domainMakers, type DomainKind } from '../../../src/data/drawn/domains';
import { pictureMakers, type PictureKind } from '../../../src/data/drawn/pictures';
import type { GoldenCase, Unit } from '../case';

/** The numbers of one instance of an input, by name. */
function rowOf({ inputs }: GoldenCase, name: string, row: number): number[] {
  const { shape, data } = inputs[name]!;
  const size = data.length / shape[0]!;
  return data.slice(row * size, (row + 1) * size);
}

/** What `make` gives for each instance, one after the other. */
function perInstance(golden: GoldenCase, input: string, make: (row: number) => ArrayLike<number>): number[] {
  const count = golden.inputs[input]!.shape[0]!;
  return Array.from({ length: count }, (_, row) => Array.from(make(row))).flat();
}

const makePictures: Unit = (golden) => {
  const { kind, side } = golden.params as { kind: PictureKind; side: number };
  const images = perInstance(golden, 'uniform', (row) =>
    pictureMakers[kind].draw(rowOf(golden, 'uniform', row), side),
  );
  return { outputs: { images } };
};

const changeDomain: Unit = (golden) => {
  const { kind } = golden.params as { kind: DomainKind };
  const drawn = Object.keys(golden.inputs).filter((name) => name !== 'images');
  const side = golden.inputs['images']!.shape[1]!;
  const images = perInstance(golden, 'images', (row) =>
    domainMakers[kind].change(
      rowOf(golden, 'images', row),
      drawn.flatMap((name) => rowOf(golden, name, row)),
      side,
    ),
  );
  return { outputs: { images } };
};

export const drawnUnits: Readonly<Record<string, Unit>> = { makePictures, changeDomain };
