import { epochWork, guessedSpeed, speedOf } from '../../experiment/forecast';
import type { Guess, ImportReport } from '../../data/import-report';
import { describeNetwork } from '../../nn/describe';
import { sizesWith, timedOf } from '../experiment/use-forecast';
import { duration } from '../format';
import { costRatio } from '../methods/cost-line';
import { useData, useRecipe, useSession } from '../store/hooks';
import { OpenQuestion } from './OpenQuestion';

type Option = Extract<Guess, { kind: 'option' }>;

interface Props {
  guess: Option;
  value: string | number | null;
  onChange: (value: string) => void;
  report: ImportReport;
}

/** The sizes that larger pictures may be brought to: what each takes in memory, and in time with the student at hand. */
export function SizeQuestion({ guess, value, onChange, report }: Props) {
  const { services } = useSession();
  const upload = useData((state) => state.upload);
  const network = useRecipe((state) => state.recipe.student.network);
  const measured = speedOf(timedOf(services.records.values()), sizesWith(upload), costRatio);
  const outputs = report.target?.names.length ?? report.classes.length;
  const withTime = ({ image, text, ...option }: Option['options'][number]) => {
    if (!image) return { ...option, text };
    const shape = [image.height, image.width, report.shape?.[2] ?? 3];
    const described = describeNetwork(network, shape, Math.max(outputs, 1));
    if ('problem' in described) return { ...option, text };
    const seconds = epochWork(described, report.train) / (measured ?? guessedSpeed);
    return { ...option, text: `${text}; about ${duration(seconds)} an epoch` };
  };
  return (
    <>
      <p>
        The pictures have more pixels than are used. More of them cost memory and time: an epoch is once
        through the training pictures with {network},{' '}
        {measured === null
          ? 'guessed for a processor; a graphics card is many times as fast'
          : 'by the speed of the runs before'}
        . Choose a size, then read again.
      </p>
      <OpenQuestion
        guess={{ ...guess, options: guess.options.map(withTime) }}
        value={value}
        onChange={onChange}
      />
    </>
  );
}
