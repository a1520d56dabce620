/** Whatever text a component shows, its hidden characters are shown as dots: names of models can turn round what stands beside them. */
import { options, type VNode } from 'preact'
import { visible } from '../scene/text'

/** From now on; fields that are typed into keep what they hold. */
export function showHiddenCharacters(): void {
  const before = options.vnode
  options.vnode = (vnode: VNode) => {
    const shown = vnode as unknown as { type: unknown; props: unknown }
    if (shown.type === null && typeof shown.props === 'string') shown.props = visible(shown.props)
    else if (typeof shown.type === 'string') dotTitle(shown.props as { title?: unknown })
    before?.(vnode)
  }
}

function dotTitle(props: { title?: unknown }): void {
  if (typeof props.title === 'string') props.title = visible(props.title)
}
