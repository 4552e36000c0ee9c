import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'dist-bench/',
      'node_modules/',
      'test-results/',
      'public/',
      'coverage/',
      '.cache/',
      'tests/golden/data/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // A forgotten await in a worker is a run that fails in silence.
      '@typescript-eslint/no-floating-promises': 'error',
      // Numbers in sentences are the rule here, not an accident.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Event handlers of React may be async: React ignores what they return.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // The rank of a tensor is often known to the author only, and `as Tensor2D` is how it is said.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // An interface's method may be async by contract without awaiting in every implementation.
      '@typescript-eslint/require-await': 'off',
      'no-console': ['error', { allow: ['warn', 'error'] }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/worker/start-worker.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        {
          name: 'Worker',
          message: 'Use startWorker, so that the worker obeys the content policy of the page.',
        },
      ],
    },
  },
  {
    files: ['tests/unit/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['mock', 'doMock'].map((property) => ({
          object: 'vi',
          property,
          message: 'Unit tests share their modules: hand the code what it is to use.',
        })),
      ],
    },
  },
  { files: ['src/app/**'], ...reactHooks.configs.flat['recommended-latest'] },
  // These speak to a terminal.
  { files: ['scripts/**', 'tests/golden/cli.ts', 'tests/bench/**'], rules: { 'no-console': 'off' } },
  // Plain JavaScript is type-checked through JSDoc; what comes out of JSON is looked at, not typed.
  {
    files: ['**/*.{js,mjs,cjs}'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
