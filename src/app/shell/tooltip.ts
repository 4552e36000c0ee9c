/** A module of its own, so that the tooltip and what places it are no part of the first paint. */
export { Tooltip as default } from '@mantine/core';
