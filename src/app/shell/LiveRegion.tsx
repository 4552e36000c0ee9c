import { VisuallyHidden } from '@mantine/core';
import { useView } from '../store/hooks';

export function LiveRegion() {
  const announcement = useView((state) => state.announcement);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {announcement}
    </VisuallyHidden>
  );
}
