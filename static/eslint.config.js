/** What eslint looks for beyond what the compiler proves. */
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      'no-restricted-properties': ['error', { property: 'innerHTML', message: 'names from models are text, never HTML' }, { property: 'outerHTML', message: 'names from models are text, never HTML' }],
      'no-restricted-syntax': ['error', { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'names from models are text, never HTML' }],
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      eqeqeq: 'error',
    },
  },
)
