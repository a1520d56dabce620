/** The few icons of the page, drawn on a grid of 16 in the text's colour. */
import type { JSX } from 'preact'

const PATHS = {
  undo: 'M6 3 3 6l3 3M3.4 6H9a4 4 0 0 1 0 8H6',
  redo: 'm10 3 3 3-3 3M12.6 6H7a4 4 0 0 0 0 8h3',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14',
  close: 'm4 4 8 8m0-8-8 8',
  down: 'm4 6 4 4 4-4',
  up: 'm4 10 4-4 4 4',
  right: 'm6 4 4 4-4 4',
  left: 'm10 4-4 4 4 4',
  pencil: 'm10.5 3 2.5 2.5L5.6 13 3 13l0-2.5L10.5 3Z',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM8 1v1.4M8 13.6V15M1 8h1.4M13.6 8H15M3 3l1 1m8 8 1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z',
  file: 'M4 2h5l3 3v9H4V2Zm5 0v3h3',
  folder: 'M2 4h4l1.5 2H14v7H2V4Z',
  upload: 'M8 10V3m0 0L5 6m3-3 3 3M3 10v3h10v-3',
  panelLeft: 'M2.5 3h11v10h-11V3ZM6 3v10',
  panelRight: 'M2.5 3h11v10h-11V3ZM10 3v10',
  plus: 'M8 3v10M3 8h10',
  across: 'M2 5h3.5v6H2V5Zm3.5 3h5m0-3H14v6h-3.5V5Z',
  swap: 'M3 5.5h9m0 0L9.5 3M12 5.5 9.5 8M13 10.5H4m0 0L6.5 8M4 10.5 6.5 13',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  original: 'M8 3.2a4.8 4.8 0 1 1-4.5 3.1M3 2.6v3.7h3.7M8 5.6V8l1.8 1.2',
  enter: 'M3 3h6v4M13 9v4H7M5 5l6 6m0-3.4V11H7.6',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}

/** The mark of the product: the stroke of a scalpel. */
export function Logo({ size = 22 }: { size?: number }): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d="M3.2 20.8 17.6 3.6c1-1.2 2.4-1.5 3.3-.7.9.8.8 2.2-.3 3.3L8.2 19.4c-.3.3-.7.5-1.1.6l-3.9.8Z" fill="currentColor" />
    </svg>
  )
}
