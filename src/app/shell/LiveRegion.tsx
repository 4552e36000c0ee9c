import { VisuallyHidden } from '@mantine/core';
import { useApp } from '../store/context';

export function LiveRegion() {
  const announcement = useApp((state) => state.announcement);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {announcement}
    </VisuallyHidden>
  );
}
