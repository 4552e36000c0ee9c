import { useEffect, useState } from 'react';
import { filesFromDrop } from '../../data/dropped-files';
import { picturesOfPaste } from '../dataset/pasted';
import { useData, useView } from '../store/hooks';
import classes from './data.module.css';

/**
 * The whole page takes files, and pictures that are pasted. Part of the first paint: before it listens, the browser would
 * leave the page for a file that is dropped.
 */
export function DropAnywhere() {
  const [hovering, setHovering] = useState(false);
  const importFiles = useData((state) => state.importFiles);
  // Sheets that take files themselves.
  const taken = useView(({ panel }) => panel === 'collect' || panel === 'experiment');
  const sortPictures = useData((state) => state.sortPictures);
  useEffect(() => {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const over = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setHovering(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setHovering(false);
    };
    // On the way down, because a sheet that takes files itself lets no drop come back up.
    const end = () => setHovering(false);
    const drop = (event: DragEvent) => {
      if (!holdsFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      void filesFromDrop(event.dataTransfer).then(importFiles);
    };
    const paste = (event: ClipboardEvent) => {
      const pictures = picturesOfPaste(event);
      if (pictures.length === 0) return;
      event.preventDefault();
      sortPictures(pictures);
    };
    window.addEventListener('paste', paste);
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', end, true);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('paste', paste);
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', end, true);
      window.removeEventListener('drop', drop);
    };
  }, [importFiles, sortPictures]);

  if (!hovering || taken) return null;
  return (
    <div className={classes.veil}>
      <div>
        <h2>Drop your data, or a run file, here</h2>
        <p className={classes.stays}>They stay on this machine.</p>
      </div>
    </div>
  );
}
