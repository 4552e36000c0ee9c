/**
 * Scripts that come when they are asked for, and are kept then: large libraries for few uploads, teachers, exports and
 * machines. Each by its name without the hash. A module that is loaded when needed names its script itself; a script that
 * several such modules share would be called "shared", and is named here by what it holds.
 * @type {Readonly<Record<string, { holds?: RegExp, holdsOnly?: RegExp }>>} of the absolute paths of its modules: one that
 *   names the script, or what all of them match
 */
const laterScripts = {
  h5wasm: {},
  'hyparquet-compressors': {},
  flechette: {},
  tiff: {},
  flac: {},
  'ogg-vorbis': {},
  'audio-packets': { holdsOnly: /\/node_modules\/(codec-parser|@wasm-audio-decoders|simple-yenc)\// },
  ort: {},
  'onnxruntime-web': {},
  'webgl-backend': {},
  'cpu-backend': {},
  'project-zip': { holds: /\/export\/pytorch\/project-zip\.ts$/ },
  'experiment-folder': {},
  'load-answers': {},
};

/**
 * Whether a built file is one of them.
 * @param {string} file path in the build: "assets/project-zip-Ab12.js"
 */
export function isLaterScript(file) {
  const [name = ''] = file.split('/').slice(-1);
  return Object.keys(laterScripts).some(
    (script) => name.startsWith(`${script}-`) || name.startsWith(`${script}.`),
  );
}

/**
 * Name of the one of them that a script of these modules is; null where it is none.
 * @param {readonly string[]} modules absolute paths
 */
export function laterScriptOf(modules) {
  const found = Object.entries(laterScripts).find(
    ([, { holds, holdsOnly }]) =>
      (holds && modules.some((path) => holds.test(path))) ||
      (holdsOnly && modules.every((path) => holdsOnly.test(path))),
  );
  return found?.[0] ?? null;
}
