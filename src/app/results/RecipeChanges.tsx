import type { Recipe } from '../../distill/recipe';
import { midSentence } from '../../limits/texts';
import { changesBetween } from '../recipe/diff';
import classes from './results.module.css';

/** What was turned from one recipe to another, in a sentence; nothing where they are the same. */
export function RecipeChanges({ from, to, what }: { from: Recipe; to: Recipe; what: string }) {
  const changes = changesBetween(from, to);
  if (changes.length === 0) return null;
  const words = changes
    .slice(0, 3)
    .map((change) => `${midSentence(change.label)} ${change.from ? `${change.from} → ` : ''}${change.to}`);
  const more = changes.length > 3 ? ` and ${changes.length - 3} more` : '';
  return (
    <p className={classes.changed}>
      {what}: {words.join(', ')}
      {more}.
    </p>
  );
}
