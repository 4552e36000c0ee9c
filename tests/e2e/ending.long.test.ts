import { describe, test } from 'vitest';
import { commands, endsOn } from './ending';

describe.runIf(process.platform === 'linux').each(commands)('%s', (script) => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends on %s with its browser, and leaves no empty folder',
    (signal) => endsOn(signal, script),
  );
});
