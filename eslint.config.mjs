import { readdirSync } from 'node:fs';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const apps = readdirSync('apps');

/** Which of our libraries a library may import (docs/adr/0002). */
const LIBRARY_IMPORTS = {
  contracts: [],
  bus: ['contracts'],
  store: ['contracts', 'bus'],
  runtime: ['contracts', 'bus', 'store'],
  embedded: [],
};

/** Apps that may import other apps: `standalone` their modules, `cli` their rules. */
const MAY_IMPORT_APPS = ['standalone', 'cli'];

/** Where a process begins: its environment is read there, once, and handed down. */
const ENTRY_POINTS = [
  'libs/runtime/src/main.ts',
  'apps/standalone/src/main.ts',
  'apps/cli/src/process-terminal.ts',
  'apps/health/src/probes/prober-process.ts',
];

const zones = [
  ...apps
    .filter((app) => !MAY_IMPORT_APPS.includes(app))
    .map((app) => ({
      target: `./apps/${app}`,
      from: './apps',
      except: [`./${app}`],
      message: 'an app never imports another app: append a record, or ask by request',
    })),
  { target: './libs', from: './apps', message: 'a library never imports an app' },
];

const libraryRules = Object.entries(LIBRARY_IMPORTS).map(([lib, allowed]) => ({
  files: [`libs/${lib}/src/**/*.ts`],
  ignores: ['**/*.spec.ts', '**/*.fixture.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^@signalbox/(?!(?:${allowed.join('|') || 'none'})$)`,
            message: `libs/${lib} may import ${allowed.join(', ') || 'no library of ours'}`,
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.signalbox/**', 'coverage/**'] },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts', 'test/**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: {
        project: './tsconfig.json',
        emitDecoratorMetadata: true,
        experimentalDecorators: true,
      },
    },
    plugins: { '@typescript-eslint': tseslint.plugin, 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ project: './tsconfig.json' })] },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'import-x/no-cycle': 'error',
      'import-x/no-self-import': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportExpression > Literal[value=/^@signalbox/]',
          message:
            'the build rewrites static imports of our libraries only: import a file of ours that imports it',
        },
        {
          selector: 'MethodDefinition[kind="constructor"][value.params.length>6]',
          message: 'a class that is given more than six things has two jobs: find the second, and name it',
        },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
    },
  },
  ...libraryRules,
  {
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.fixture.ts', 'libs/testing/**', ...ENTRY_POINTS],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message:
            'the environment is read once, where the process begins: take what you need as an argument',
        },
      ],
    },
  },
  {
    files: ['apps/*/src/domain/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(node:|@nestjs/|pg$|nats$|typeorm$|fastify$|@signalbox/(?!contracts$))',
              message: 'domain/ is pure: no I/O, no framework; take what you need as an argument',
            },
          ],
        },
      ],
    },
  },
  { files: ['test/bench/**/*.ts'], rules: { 'no-console': 'off' } },
);
