import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../../scripts/prepare.mjs';

test('npm start serves the page, tells the address and forbids other origins', async () => {
  const child = spawn(process.execPath, [join(root, 'scripts', 'start.mjs'), '--no-open'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const address = /http:\/\/localhost:\d+\//.exec(line)?.[0];
  expect(address, line).toBeDefined();

  const page = await fetch(address!);
  expect(page.status).toBe(200);
  const policy = page.headers.get('content-security-policy');
  expect(policy).toContain("connect-src 'self'");
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
  expect(await page.text()).toContain('http-equiv="Content-Security-Policy"');
  expect((await fetch(`${address}data/no-such-file`)).status).toBe(404);
});
