import { useEffect, useState } from 'react';
import { filesFromDrop } from '../../data/drop';
import { useApp } from '../store/context';
import classes from './data.module.css';

/** The whole page takes files. */
export function DropAnywhere() {
  const [hovering, setHovering] = useState(false);
  const importFiles = useApp((state) => state.importFiles);
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
    const drop = (event: DragEvent) => {
      setHovering(false);
      if (!holdsFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      void filesFromDrop(event.dataTransfer).then(importFiles);
    };
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, [importFiles]);

  if (!hovering) return null;
  return (
    <div className={classes.veil}>
      <div>
        <h2>Drop your images here</h2>
        <p className={classes.stays}>They stay on this machine.</p>
      </div>
    </div>
  );
}
