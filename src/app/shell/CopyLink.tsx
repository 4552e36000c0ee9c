import { Button } from '@mantine/core';
import { useState } from 'react';
import { recipeToHash } from '../recipe/link';
import { useSession, useView } from '../store/hooks';
import { copyText } from './clipboard';
import { Icon } from './icons';
import classes from './shell.module.css';

/** Puts a link that holds the whole recipe on the clipboard; true where that could be done. */
export function useCopyLink(): () => Promise<boolean> {
  const session = useSession();
  const notify = useView((state) => state.notify);
  const announce = useView((state) => state.announce);
  return async () => {
    const { recipe } = session.recipe.getState();
    const url = new URL(location.href);
    url.hash = recipeToHash(recipe);
    if (!(await copyText(url.href))) {
      notify({ tone: 'info', title: 'The link', text: url.href });
      return false;
    }
    announce('Link copied.');
    if (recipe.material.dataset === 'upload')
      notify({
        tone: 'info',
        title: 'The link holds the recipe, not your data',
        text: 'The person who opens it has to drop the same files on the page.',
      });
    return true;
  };
}

export function CopyLink() {
  const copyLink = useCopyLink();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyLink())) return;
    setCopied(true);
    window.setTimeout(() => setCopied(false), 1600);
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
