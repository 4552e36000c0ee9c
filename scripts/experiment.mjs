import { experimentCommand } from './experiment-command.mjs';

await experimentCommand({ command: 'experiment', out: 'experiment-out' });
