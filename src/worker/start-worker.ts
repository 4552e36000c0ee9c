/** The one place where workers are made (ESLint holds that). */

type WorkerName = 'training' | 'import' | 'export';

/** Addresses of the built workers' files. A glob, because an import would count as one of the workers' code. */
const addresses = import.meta.glob<string>('./*.worker.ts', {
  query: '?worker&url',
  import: 'default',
  eager: true,
});

/**
 * Starts a module worker from a one-line script that imports the real one.
 * A worker made from an address takes its content policy from the headers of that address, which a static host does not
 * send; one made from a blob inherits the page's policy. The line is also the worker's own script, so that the imported
 * file is an ordinary module, evaluated once in every browser.
 * Inside the worker `self.name` is the address of the page's folder and the worker's name, because `self.location` is
 * that of the blob: "https://host/folder/#training".
 */
export function startWorker(name: WorkerName): Worker {
  const file = JSON.stringify(new URL(addresses[`./${name}.worker.ts`]!, document.baseURI).href);
  // Freed by the worker itself: some browsers have not read it when the constructor returns.
  const line = `import ${file}; URL.revokeObjectURL(import.meta.url);`;
  const script = URL.createObjectURL(new Blob([line], { type: 'text/javascript' }));
  const folder = new URL(import.meta.env.BASE_URL, document.baseURI);
  return new Worker(script, { type: 'module', name: new URL(`#${name}`, folder).href });
}
