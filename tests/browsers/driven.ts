/** Browsers that Playwright cannot drive as a distribution ships them, each by its own protocol. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { chromiumLaunch } from '../../scripts/chromium.mjs';

export interface DrivenBrowser {
  /** Runs a function in the page, where it stands alone, and answers what it gives, as JSON. */
  evaluate: <T, A extends unknown[]>(work: (...args: A) => T | Promise<T>, ...args: A) => Promise<T>;
}

const firefoxPlaces = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
const softwareVulkan = '/usr/share/vulkan/icd.d';

/** What is missing for a browser, or null when it can be driven. */
export const missing = {
  firefox: () => (firefoxPlaces.some((place) => existsSync(place)) ? null : 'Firefox (package firefox-esr)'),
  firefoxWebgpu: () =>
    missing.firefox() ?? (llvmpipe() ? null : 'Vulkan in software (package mesa-vulkan-drivers)'),
  webkit: () => {
    if (!miniBrowser()) return 'WebKit (package webkit2gtk-driver)';
    return existsSync('/usr/bin/Xvfb') ? null : 'a screen in memory (package xvfb)';
  },
};

function llvmpipe(): string | undefined {
  if (!existsSync(softwareVulkan)) return undefined;
  const file = readdirSync(softwareVulkan).find((name) => name.startsWith('lvp_icd'));
  return file && join(softwareVulkan, file);
}

/** Part of WebKitGTK's library, in the folder of the machine's kind. */
function miniBrowser(): string | undefined {
  if (!existsSync('/usr/lib')) return undefined;
  return readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'webkit2gtk-4.1', 'MiniBrowser'))
    .find((place) => existsSync(place));
}

/** Ends with the test. */
function spawned(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  pipe: 'stdout' | 'stderr' | null,
) {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', pipe === 'stdout' ? 'pipe' : 'ignore', pipe === 'stderr' ? 'pipe' : 'ignore'],
    detached: true,
  });
  const gone = once(child, 'exit');
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
    await gone;
  });
  return child;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'retort-browser-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

async function firstMatch(stream: ChildProcess['stderr'], pattern: RegExp): Promise<string> {
  for await (const line of createInterface(stream!)) {
    const found = pattern.exec(line)?.[1];
    if (!found) continue;
    // A full pipe would hold the program up.
    stream!.resume();
    return found;
  }
  throw new Error('The browser ended before it could be spoken to.');
}

const asExpression = (work: { toString: () => string }, args: unknown[]) =>
  `(async () => JSON.stringify((await (${work.toString()})(...${JSON.stringify(args)})) ?? null))()`;

/** Firefox by WebDriver BiDi. @param webgpu on Vulkan in software; without it the page trains on WebAssembly */
export async function openFirefox(url: string, webgpu = false): Promise<DrivenBrowser> {
  const profile = temporaryFolder();
  const preferences: Record<string, boolean> = {
    'app.update.enabled': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    ...(webgpu && {
      'dom.webgpu.enabled': true,
      'dom.webgpu.workers.enabled': true,
      'dom.webgpu.allow-software-adapter': true,
      'gfx.webgpu.ignore-blocklist': true,
    }),
  };
  writeFileSync(
    join(profile, 'user.js'),
    Object.entries(preferences)
      .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${value});\n`)
      .join(''),
  );
  const child = spawned(
    firefoxPlaces.find((place) => existsSync(place))!,
    ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'],
    { HOME: profile, ...(webgpu && { VK_DRIVER_FILES: llvmpipe() }) },
    'stderr',
  );
  const address = await firstMatch(child.stderr, /WebDriver BiDi listening on (ws:\S+)/);
  const send = await bidi(`${address}/session`);
  await send('session.new', { capabilities: {} });
  const { contexts } = (await send('browsingContext.getTree', {})) as { contexts: { context: string }[] };
  const { context } = contexts[0]!;
  await send('browsingContext.navigate', { context, url, wait: 'complete' });
  return {
    async evaluate(work, ...args) {
      const answer = (await send('script.evaluate', {
        expression: asExpression(work, args),
        target: { context },
        awaitPromise: true,
      })) as { type: string; result: { value: string }; exceptionDetails?: { text: string } };
      if (answer.type !== 'success') throw new Error(answer.exceptionDetails?.text);
      return JSON.parse(answer.result.value) as never;
    },
  };
}

type Send = (method: string, params: object) => Promise<unknown>;

/** Questions by number, until their answers come. */
class Waiting {
  private readonly asked = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();
  private last = 0;

  ask(send: (id: number) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.last += 1;
      this.asked.set(this.last, { resolve, reject });
      send(this.last);
    });
  }

  answer(text: string): void {
    const { id, result, error, message } = JSON.parse(text) as {
      id?: number;
      result?: unknown;
      error?: unknown;
      message?: string;
    };
    const question = this.asked.get(id ?? -1);
    this.asked.delete(id ?? -1);
    if (error) question?.reject(new Error(`${JSON.stringify(error)} ${message ?? ''}`));
    else question?.resolve(result);
  }

  end(): void {
    for (const { reject } of this.asked.values()) reject(new Error('The browser has ended.'));
    this.asked.clear();
  }
}

async function bidi(address: string): Promise<Send> {
  const waiting = new Waiting();
  const socket = new WebSocket(address);
  await once(socket, 'open');
  onTestFinished(() => socket.terminate());
  socket.on('message', (data: Buffer) => waiting.answer(data.toString()));
  socket.on('close', () => waiting.end());
  return (method, params) => waiting.ask((id) => socket.send(JSON.stringify({ id, method, params })));
}

/**
 * WebKitGTK's MiniBrowser by the protocol of its inspector, on a screen in memory. A browser under WebDriver keeps
 * nothing in files, as a private window; and the features that Safari has are switched on.
 */
export async function openWebkit(url: string): Promise<DrivenBrowser> {
  const home = temporaryFolder();
  const screen = spawned(
    'Xvfb',
    ['-displayfd', '1', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'],
    {},
    'stdout',
  );
  const display = await firstMatch(screen.stdout, /^(\d+)$/);
  const inspector = `127.0.0.1:${await freePort()}`;
  spawned(
    miniBrowser()!,
    [
      '--enable-developer-extras=true',
      '--features=StorageAPI,StorageAPIEstimate,FileSystem,FileSystemWritableStream,AccessHandle',
      url,
    ],
    {
      DISPLAY: `:${display}`,
      HOME: home,
      XDG_DATA_HOME: home,
      XDG_CACHE_HOME: home,
      XDG_CONFIG_HOME: home,
      WEBKIT_INSPECTOR_HTTP_SERVER: inspector,
      // There is no user namespace and no graphics card in a container.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
    },
    null,
  );
  const send = await webkitInspector(await pageOf(inspector));
  // Until then it is an empty page, whose promises are lost with it.
  const hasLoaded = { expression: `location.href !== 'about:blank' && document.readyState === 'complete'` };
  for (;;) {
    const { result } = (await send('Runtime.evaluate', hasLoaded)) as { result: { value: boolean } };
    if (result.value) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    async evaluate(work, ...args) {
      const promise = (await send('Runtime.evaluate', { expression: asExpression(work, args) })) as {
        result: { objectId: string };
      };
      const answer = (await send('Runtime.awaitPromise', {
        promiseObjectId: promise.result.objectId,
        returnByValue: true,
      })) as { wasThrown?: boolean; result: { value: string; description?: string } };
      if (answer.wasThrown) throw new Error(answer.result.description ?? answer.result.value);
      return JSON.parse(answer.result.value) as never;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Address of the page's inspector, as soon as the browser lists one. */
async function pageOf(inspector: string): Promise<string> {
  for (;;) {
    const list = await fetch(`http://${inspector}/`).then(
      (response) => response.text(),
      () => '',
    );
    const path = /socket\/\d+\/\d+\/WebPage/.exec(list)?.[0];
    if (path) return `ws://${inspector}/${path}`;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Messages to a page travel inside those to its browser, under the name of its target. */
async function webkitInspector(address: string): Promise<Send> {
  const waiting = new Waiting();
  let target: string | undefined;
  const socket = new WebSocket(address);
  const named = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      const { method, params } = JSON.parse(data.toString()) as {
        method?: string;
        params: {
          targetInfo: { targetId: string; isProvisional?: boolean };
          newTargetId: string;
          message: string;
        };
      };
      if (method === 'Target.targetCreated' && !params.targetInfo.isProvisional)
        target = params.targetInfo.targetId;
      if (method === 'Target.didCommitProvisionalTarget') target = params.newTargetId;
      if (method === 'Target.dispatchMessageFromTarget') waiting.answer(params.message);
      if (target) resolve();
    });
  });
  await once(socket, 'open');
  onTestFinished(() => socket.terminate());
  socket.on('close', () => waiting.end());
  await named;
  return (method, params) =>
    waiting.ask((id) => {
      const message = JSON.stringify({ id, method, params });
      socket.send(
        JSON.stringify({
          id,
          method: 'Target.sendMessageToTarget',
          params: { targetId: target, message },
        }),
      );
    });
}

/** The Chromium that the others are compared with. */
export async function openChromium(url: string): Promise<DrivenBrowser> {
  const browser = await chromium.launch(await chromiumLaunch('software'));
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.goto(url);
  return {
    evaluate: async (work, ...args) =>
      JSON.parse((await page.evaluate<string>(asExpression(work, args))) as string) as never,
  };
}
