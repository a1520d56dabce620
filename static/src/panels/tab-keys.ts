/** The keys that go from one open model to the next: Ctrl+Alt+arrow, and Ctrl+PageUp or PageDown where the browser leaves them. */

export function stepOf(event: { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }): -1 | 0 | 1 {
  const ctrl = event.ctrlKey || event.metaKey
  if (ctrl && event.altKey && event.key === 'ArrowRight') return 1
  if (ctrl && event.altKey && event.key === 'ArrowLeft') return -1
  return 0
}
