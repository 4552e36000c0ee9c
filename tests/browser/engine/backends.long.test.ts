/** WebGL compiles for seconds in software. */
import { test } from 'vitest';
import { expectForced } from './forced';

test('webgl starts when it is forced, and leaves no tensors behind', () => expectForced('webgl'));
