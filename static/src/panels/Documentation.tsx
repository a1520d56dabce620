/** An operator's documentation, as its schema tells it: the text's paragraphs and code, never its HTML. */
import type { JSX } from 'preact'
import type { OperatorView } from '../protocol/types'

export function Documentation({ schema }: { schema: OperatorView }): JSX.Element {
  return (
    <section class="documentation" aria-label={`Documentation of ${schema.op_type}`}>
      {blocks(schema.doc).map((block, at) => (block.code ? <pre key={at}>{block.text}</pre> : <p key={at}>{block.text}</p>))}
    </section>
  )
}

interface Block { code: boolean; text: string }

/** Paragraphs of a schema's text; fenced and indented parts stay as they are laid out. */
export function blocks(doc: string): Block[] {
  const found: Block[] = []
  let fenced = false
  for (const part of doc.replace(/\r/g, '').split(/^```.*$/m)) {
    if (fenced) found.push({ code: true, text: part.replace(/^\n|\n$/g, '') })
    else for (const paragraph of part.split(/\n\s*\n/)) if (paragraph.trim()) found.push(asBlock(paragraph))
    fenced = !fenced
  }
  return found.filter((block) => block.text.trim() !== '')
}

function asBlock(paragraph: string): Block {
  const lines = paragraph.split('\n').filter((line) => line.trim() !== '')
  const code = lines.length > 1 && lines.every((line) => /^\s{4,}/.test(line))
  return code ? { code: true, text: lines.join('\n') } : { code: false, text: lines.map((line) => line.trim()).join(' ') }
}
