/** What eslint looks for beyond what the compiler proves: names are text, and imports point down. */
import tseslint from 'typescript-eslint'

/** From top to bottom; a folder may import from those after it, and from its own. `state.ts` and `theme.ts` are free. */
const FLOORS = [['panels', 'start', 'forms', 'commands', 'connection'], ['canvas'], ['scene'], ['layout'], ['scopes'], ['document'], ['protocol']]

const pointDown = FLOORS.flatMap((folders, floor) => {
  const above = FLOORS.slice(0, floor).flat().map((folder) => `**/${folder}/*`)
  if (above.length === 0) return []
  return [{
    files: folders.map((folder) => `src/${folder}/**/*.{ts,tsx}`),
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: above, message: 'imports point down' }] }] },
  }]
})

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
  ...pointDown,
)
