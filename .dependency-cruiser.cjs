/**
 * The arrows of the house: app -> worker -> training -> distill -> nn -> engine. Every rule says what a folder may
 * know; imports of types count too, unless a rule says otherwise.
 */

/** The parts that carry no tensor and no browser: what the page may read of the layers below it. */
const pureParts = [
  '^src/worker/(rpc|(training|import|export|onnx)-(client|protocol)|headless-run|cell-run|pool)\\.ts$',
  '^src/training/(events|export-bundle|stopped-state|onnx/about)\\.ts$',
  '^src/distill/(recipe|knobs|views|pair|target-refusal)\\.ts$',
  '^src/distill/(about|venues)\\.ts$',
  '^src/distill/teachers/teacher-key\\.ts$',
  '^src/distill/[^.]+/abouts?\\.ts$',
  '^src/distill/(material/applicable|modalities/input-view)\\.ts$',
  '^src/distill/hints/(weights|refusal)\\.ts$',
  '^src/experiment/',
  '^src/distill/methods/costs\\.json$',
  // Networks as definitions: shapes and counts.
  '^src/nn/(network-names|describe)\\.ts$',
  '^src/engine/backend-names\\.ts$',
  '^src/data/(dataset|labelled-images|import-report|dropped-files|edit|bundled-about|describe-set|tables/encode-row)\\.ts$',
  '^src/export/',
  '^src/storage/',
  '^src/record/',
  '^src/random/',
];

/**
 * A folder that may import nothing of src beside itself, the leaves that all may use and the named places.
 * @param {string} folder
 * @param {string[]} places
 * @param {string} comment
 * @returns {import('dependency-cruiser').IForbiddenRuleType}
 */
const knowsOnly = (folder, places, comment) => ({
  name: `${folder}-knows-only`,
  comment,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [`^src/${folder}/`, '^src/(random|limits|numbers)/', ...places] },
});

/** The stores of the page: each may use those before it. See the head of src/app/store/session.ts. */
const stores = ['view', 'library', 'recipe', 'data', 'runs'];

/** @returns {import('dependency-cruiser').IForbiddenRuleType[]} */
const storeRules = () =>
  stores.flatMap((store, place) => [
    {
      name: `store-${store}-uses-only-stores-before-it`,
      comment: `A store uses the stores before it: ${stores.join(', ')}. So each can be read, tested and replaced without those after it.`,
      severity: 'error',
      from: { path: `^src/app/store/${store}/` },
      to: {
        path: `^src/app/store/(${['session', 'hooks', 'unsaved', ...stores.slice(place + 1)].join('|')})\\b`,
      },
    },
    {
      name: `store-${store}-has-one-door`,
      comment: 'Other stores and components read what a store exports; its parts are its own.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/app/store/${store}/` },
      to: { path: `^src/app/store/${store}/`, pathNot: `/${store}-store\\.ts$` },
    },
  ]);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    knowsOnly(
      'app',
      pureParts,
      'The page knows no tensor: it speaks to the workers and reads descriptions. That keeps TensorFlow.js out of the first load and lets the page live when training dies.',
    ),
    knowsOnly(
      'headless',
      pureParts,
      'The headless page is a second page: what it can do without the private parts, any user can do.',
    ),
    knowsOnly(
      'worker',
      ['^src/(training|distill|nn|engine|data|export|storage|record|experiment)/'],
      'The border carries messages; it must not know who listens.',
    ),
    knowsOnly(
      'training',
      ['^src/(distill|nn|engine|data|storage)/', '^src/record/outside-metrics\\.ts$'],
      'A run knows no worker and no page, so that it can be driven from a test, a terminal or a worker alike.',
    ),
    knowsOnly(
      'distill',
      ['^src/(nn|engine)/', '^src/data/(dataset|stored-column)\\.ts$', '^src/data/drawn/'],
      'The subject stands on networks and tensors (and the shape of a data set, and drawn pictures) only; a hint that needed to know its run could not be combined freely.',
    ),
    knowsOnly('nn', ['^src/(engine|torch-file)/'], 'Networks know nothing of what they are used for.'),
    knowsOnly(
      'engine',
      [],
      'The engine knows backends, not networks: it can be measured and replaced alone.',
    ),
    knowsOnly(
      'data',
      ['^src/torch-file/'],
      'Readers turn bytes into a data set and are tested without any training.',
    ),
    knowsOnly(
      'experiment',
      [
        '^src/distill/(recipe|knobs|about)\\.ts$',
        '^src/distill/[^.]+/abouts?\\.ts$',
        '^src/distill/version-1/',
        '^src/data/dataset\\.ts$',
        '^src/training/events\\.ts$',
        '^src/engine/backend-names\\.ts$',
        '^src/distill/teachers/teacher-key\\.ts$',
      ],
      'An experiment is planned, compared and summed up from plain data; who trains its cells is not its business.',
    ),
    knowsOnly('offline', [], 'The service worker outlives the page it came with; it shares no code with it.'),
    knowsOnly('torch-file', [], 'A leaf: files of PyTorch hold networks and data alike.'),
    knowsOnly('random', [], 'A leaf that everybody may import must not pull anything in.'),
    knowsOnly('numbers', [], 'A leaf that everybody may import must not pull anything in.'),
    knowsOnly('limits', [], 'A leaf that everybody may import must not pull anything in.'),
    knowsOnly(
      'record',
      [
        '^src/training/events\\.ts$',
        '^src/data/dataset\\.ts$',
        '^src/distill/(recipe|views|tasks/about)\\.ts$',
        '^src/engine/backend-names\\.ts$',
      ],
      'The record of a run is made from its events alone, so that pages, workers, files and the storage can all read it.',
    ),
    knowsOnly(
      'storage',
      [
        '^src/record/',
        '^src/data/(dataset|labelled-images|stored-column)\\.ts$',
        '^src/distill/(recipe|knobs|views)\\.ts$',
        '^src/training/events\\.ts$',
      ],
      'Storage keeps what it is given; it knows the shapes and not the makers.',
    ),
    knowsOnly(
      'export',
      [
        ...pureParts,
        '^src/nn/(describe|layouts|safetensors|state-problem|weights-about)\\.ts$',
        '^src/nn/(graph|networks)/',
        '^src/distill/hints/torch\\.ts$',
        '^src/engine/ops\\.ts$',
        '^src/data/(export-folders|png|containers/crc32)\\.ts$',
      ],
      'What leaves is made from plain data, so that it needs no backend; networks are read as definitions.',
    ),
    ...storeRules(),
    {
      name: 'one-door-to-tensorflow',
      comment:
        'Only src/engine imports TensorFlow.js: one place to swap builds, register kernels and guard the version that capture depends on.',
      severity: 'error',
      from: { pathNot: '^src/engine/' },
      to: { path: 'node_modules/@tensorflow/' },
    },
    {
      name: 'page-without-tensorflow',
      comment:
        'However long the chain of imports, the pages must not end at TensorFlow.js: it belongs to the worker’s bundle.',
      severity: 'error',
      from: { path: '^src/(app|headless)/' },
      to: { path: 'node_modules/@tensorflow/', reachable: true },
    },
    {
      name: 'no-view-below-the-page',
      comment: 'React and Mantine outside of the page would tie training to a view.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/app/' },
      to: { path: 'node_modules/(react|react-dom|@mantine|d3-shape|zustand)/' },
    },
    {
      name: 'no-cycles',
      comment:
        'Two modules that need each other are one module, or hide a third. Types may go round: they are gone at run time.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that leads nowhere escapes every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '\\?(url|worker|raw|inline)|^virtual:' },
    },
    {
      name: 'tests-stay-out-of-the-product',
      comment:
        'Only `golden.ts` in the folder of a hint knows the tests, and nothing of the product knows it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/distill/hints/[^/]+/golden\\.ts$' },
      to: { path: '^tests/|^src/distill/hints/[^/]+/golden\\.ts$' },
    },
    {
      name: 'scripts-use-the-build',
      comment:
        'Scripts run in Node without a bundler: they drive the built pages, they do not import their sources.',
      severity: 'error',
      from: { path: '^scripts/' },
      to: { path: '^src/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // AssemblyScript, not TypeScript.
    exclude: { path: '^src/engine/wasm/assembly/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'module', 'browser', 'default'],
    },
  },
};
