const js = require('@eslint/js')
const globals = require('globals')

const wechat = { wx: 'readonly', App: 'readonly', Page: 'readonly', Component: 'readonly' }

module.exports = [
  { ignores: ['screenshots/'] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2020, sourceType: 'commonjs' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
      'no-unused-vars': 'error',
      'max-lines-per-function': ['error', { max: 45, skipBlankLines: true }]
    }
  },
  { files: ['src/**'], languageOptions: { globals: { ...globals.commonjs, ...wechat } } },
  {
    files: ['tests/**', 'eslint.config.js'],
    languageOptions: { ecmaVersion: 2022, globals: { ...globals.node, ...globals.browser, ...globals.jest, ...wechat } },
    rules: { 'max-lines-per-function': 'off' }
  }
]
