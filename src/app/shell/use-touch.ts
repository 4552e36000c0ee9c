import { useMediaQuery } from '@mantine/hooks';

/** Whether the page is used by touch, where words about keys and pointing help nobody. */
export const useTouch = (): boolean =>
  useMediaQuery('(pointer: coarse)', false, { getInitialValueInEffect: false });
