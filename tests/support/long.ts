/** Whether this is `npm run test:long`, where a test may try more cases of the same kind. */
export const isLong = process.env['RETORT_LONG_TESTS'] === '1';
