import { Button } from '@mantine/core';
import { useState } from 'react';
import { recipeToHash } from '../recipe/link';
import { useApp, useSession } from '../store/context';
import { Icon } from './icons';
import classes from './shell.module.css';

/** A link that holds the whole recipe. */
export function CopyLink() {
  const { store } = useSession();
  const notify = useApp((state) => state.notify);
  const announce = useApp((state) => state.announce);
  const [copied, setCopied] = useState(false);

  const copy = async () => {
    const { recipe } = store.getState();
    const url = new URL(location.href);
    url.hash = recipeToHash(recipe);
    try {
      await navigator.clipboard.writeText(url.href);
    } catch {
      notify({ tone: 'info', title: 'The link', text: url.href });
      return;
    }
    setCopied(true);
    announce('Link copied.');
    window.setTimeout(() => setCopied(false), 1600);
    if (recipe.material.dataset === 'upload')
      notify({
        tone: 'info',
        title: 'The link holds the recipe, not your images',
        text: 'Whoever opens it has to drop the same images on the page.',
      });
  };

  return (
    <Button
      className={classes.hidePhone}
      variant="subtle"
      color="gray"
      fw={400}
      px={8}
      leftSection={<Icon name="link" />}
      onClick={() => void copy()}
    >
      {copied ? 'Copied' : 'Copy link'}
    </Button>
  );
}
