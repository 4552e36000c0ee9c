/** The scripts of a project: those that a recipe names, and what they import. */
import { torchSources } from '../../distill/hints/torch';
import { moduleName } from './modules';

/** Text by path, as the folder has it ("hints/base.py"). */
const sources: ReadonlyMap<string, string> = new Map([
  ...Object.entries(
    import.meta.glob<string>('./project/**/*.py', { query: '?raw', import: 'default', eager: true }),
  ).map(([path, text]) => [path.slice('./project/'.length), text] as const),
  ...Object.entries(torchSources).map(([id, text]) => [`hints/${moduleName(id)}.py`, text] as const),
]);

/**
 * The files of some modules with all that these import from each other, by path.
 * @param modules "train", "hints/kd"; what is imported by a name that is known only later must be among them
 */
export function scriptsFor(modules: readonly string[]): Record<string, string> {
  const files: Record<string, string> = {};
  const add = (path: string | undefined) => {
    if (path === undefined || path in files) return;
    const source = sources.get(path)!;
    files[path] = source;
    for (const [, name] of source.matchAll(/^ *(?:from|import) (\.?[\w.]+)/gm))
      add(importedFrom(path, name!));
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    // That of the networks is written for each recipe.
    if (sources.has(`${folder}__init__.py`)) add(`${folder}__init__.py`);
  };
  modules.forEach((module) => add(`${module}.py`));
  return files;
}

/** Path of a module of the project as a file names it ("weights", ".base", "hints.kd"); undefined for a library. */
function importedFrom(path: string, name: string): string | undefined {
  const place = name.startsWith('.')
    ? `${path.slice(0, path.lastIndexOf('/') + 1)}${name.slice(1)}`
    : name.replaceAll('.', '/');
  return [`${place}.py`, `${place}/__init__.py`].find((file) => sources.has(file));
}
