/** The one place where workers are made (the linter holds that). */

/**
 * Starts a module worker from a one-line script that imports the real one.
 * A worker made from an address takes its content policy from the headers of that address, which a static host does not
 * send; one made from a blob inherits the page's policy, and its isolation. The line is also the worker's own script, so
 * that the imported file is an ordinary module, evaluated once in every browser.
 */
export function moduleWorker(file: URL, name: string): Worker {
  // Freed by the worker itself: some browsers have not read it when the constructor returns.
  const line = `import ${JSON.stringify(file.href)}; URL.revokeObjectURL(import.meta.url);`;
  const script = URL.createObjectURL(new Blob([line], { type: 'text/javascript' }));
  return new Worker(script, { type: 'module', name });
}
