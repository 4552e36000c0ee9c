import { Button } from '@mantine/core';
import { useView } from '../store/hooks';
import { Dialog } from './Dialog';
import classes from './shell.module.css';

/** Asks before work is lost. It lies above the dialog that it came from. */
export default function QuestionDialog() {
  const question = useView((state) => state.question);
  const answer = useView((state) => state.answer);
  if (!question) return null;
  return (
    <Dialog asks title={question.title} width={460} onClose={() => answer()}>
      <p className={classes.question}>{question.text}</p>
      <div className={classes.answers}>
        {question.choices.map((choice, place) => (
          <Button
            key={choice.label}
            variant={place === 0 ? 'filled' : 'default'}
            data-autofocus={place === 0 || undefined}
            onClick={() => answer(choice)}
          >
            {choice.label}
          </Button>
        ))}
        <Button variant="default" onClick={() => answer()}>
          Cancel
        </Button>
      </div>
    </Dialog>
  );
}
