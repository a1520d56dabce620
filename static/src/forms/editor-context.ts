/** The open model, for every component below. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Commands } from '../commands/registry'
import type { Editor } from '../commands/editor'

export interface EditorContextValue { editor: Editor; commands: Commands }

export const EditorContext = createContext<EditorContextValue | null>(null)

export function useEditor(): Editor {
  const context = useContext(EditorContext)
  if (!context) throw new Error('a panel was drawn outside the editor')
  return context.editor
}

export function useCommands(): Commands {
  const context = useContext(EditorContext)
  if (!context) throw new Error('a panel was drawn outside the editor')
  return context.commands
}
