/** What the bench takes from the browser side: documents, scenes and the layout. */
export { decodeColumns } from '../src/document/model'
export { layout } from '../src/layout/layout'
export { gainsNothing } from '../src/layout/gain'
export { buildScene } from '../src/scene/build'
export { Cards } from '../src/scene/card'
export { Labels } from '../src/scene/scene'
