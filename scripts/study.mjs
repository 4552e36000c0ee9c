import { experimentCommand } from './experiment-command.mjs';

await experimentCommand({ command: 'study', out: 'study-out' });
