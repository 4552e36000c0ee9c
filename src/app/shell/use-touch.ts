import { useMediaQuery } from '@mantine/hooks';

/** Whether the page is used by touch, where help on keys and pointing does not apply. */
export const useTouch = (): boolean =>
  useMediaQuery('(pointer: coarse)', false, { getInitialValueInEffect: false });
