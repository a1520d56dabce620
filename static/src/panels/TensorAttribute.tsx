/** A tensor in an attribute: its type on a line, and the tensor itself when somebody wants to see it. */
import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { TensorPanel } from './TensorPanel'

interface TensorAttributeProps { node: string; name: string; text: string; /** see TensorPanel */ content: string; children?: ComponentChildren }

export function TensorAttribute({ node, name, text, content, children }: TensorAttributeProps): JSX.Element {
  const [open, setOpen] = useState(false)
  return (
    <>
      <div class="inplace">
        <span class="field-label cut" title={name}>{name}</span>
        <div class="inplace-box tensor-line">
          <div class="field fixed cut" title={text}>{text}</div>
          {children}
          <button type="button" class="link" aria-expanded={open} aria-label={`${open ? 'Hide' : 'View'} ${name}`} onClick={() => setOpen(!open)}>{open ? 'hide' : 'view'}</button>
        </div>
      </div>
      {open && <div class="tensor-inside"><TensorPanel key={text.split(':')[0]} subject={{ node, attribute: name }} bytes={atMost(text)} content={content} /></div>}
    </>
  )
}

/** Bytes at most, from `float32[3, 4]: …`: whether reading it takes long is all that hangs on it. */
function atMost(text: string): number {
  const dims = /\[([\d, ]*)\]/.exec(text)?.[1] ?? ''
  return dims.split(',').reduce((size, dim) => size * (dim.trim() === '' ? 1 : Number(dim)), 8)
}
