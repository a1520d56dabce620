/** Writing the text of a note, on the canvas and in the panels: Enter is a new line, Ctrl+Enter keeps it, Esc gives it up. */

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'isComposing'>

/** How a key ends the writing; null: it goes on. */
export function endOfWriting({ key, ctrlKey, metaKey, isComposing }: Pressed): 'keep' | 'give up' | null {
  if (isComposing) return null
  if (key === 'Escape') return 'give up'
  return key === 'Enter' && (ctrlKey || metaKey) ? 'keep' : null
}

/** A field that grows with its text; `ended` is told once, with what is to be kept. A click elsewhere keeps it. */
export function noteField(before: string, ended: (text: string) => void): HTMLTextAreaElement {
  const field = document.createElement('textarea')
  field.value = before
  field.setAttribute('aria-label', 'Text of the note')
  let over = false
  const end = (text: string): void => {
    if (over) return
    over = true
    ended(text)
  }
  field.addEventListener('keydown', (event) => {
    event.stopPropagation()
    const way = endOfWriting(event)
    if (!way) return
    event.preventDefault()
    end(way === 'keep' ? field.value : before)
  })
  field.addEventListener('input', () => grow(field))
  field.addEventListener('blur', () => end(field.value))
  return field
}

export function grow(field: HTMLTextAreaElement): void {
  field.style.height = '0'
  field.style.height = `${field.scrollHeight}px`
}
