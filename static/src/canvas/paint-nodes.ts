/** Draws nodes: filled boxes, cards with rows, pills. */
import { ROW_HEIGHT, ROWS_PADDING, SIDE_PADDING, TITLE_HEIGHT, type Card } from '../scene/card'
import { FONT_FAMILY, FONTS } from '../scene/measure'
import type { Scene } from '../scene/scene'
import { CAPTURED, INPUT, LOOSE, OUTPUT, SCOPE } from '../scene/scene'
import { FAMILY_COLOURS } from '../theme'
import { isOpen } from './hidden'
import type { Context, Frame, ItemList } from './frame'
import { paintScopeCards } from './paint-scopes'

export const CORNER = 6
const BLOCK_PADDING = 12
const LARGEST_NAME = 22

/** What is drawn now: where its items stand, already moved by what is under way. */
interface Batch { frame: Frame; scene: Scene; items: number[]; x: (item: number) => number; y: (item: number) => number }

export function paintNodes(frame: Frame, view: ItemList): void {
  const { placed, motion, left } = frame
  const gliding = motion !== null && left > 0
  const settled: number[] = []
  const fresh: number[] = []
  for (let i = 0; i < view.itemCount; i++) (gliding && motion.isNew[view.items[i]] ? fresh : settled).push(view.items[i])
  const x = gliding ? (item: number) => placed.x[item] + motion.dx[item] * left : (item: number) => placed.x[item]
  const y = gliding ? (item: number) => placed.y[item] + motion.dy[item] * left : (item: number) => placed.y[item]
  if (gliding && motion.gone.length > 0) paintGone(frame)
  paintBatch({ frame, scene: placed.scene, items: settled, x, y })
  if (fresh.length > 0) {
    frame.context.globalAlpha = 1 - left
    paintBatch({ frame, scene: placed.scene, items: fresh, x, y })
    frame.context.globalAlpha = 1
  }
}

function paintGone(frame: Frame): void {
  const { before, gone, shiftX, shiftY } = frame.motion!
  const view = frame.camera.view
  const items = gone.filter((item) => {
    const x = before.x[item] + shiftX
    const y = before.y[item] + shiftY
    return x < view.right && y < view.bottom && x + before.scene.width[item] > view.left && y + before.scene.height[item] > view.top
  })
  frame.context.globalAlpha = frame.left
  paintBatch({ frame, scene: before.scene, items, x: (item) => before.x[item] + shiftX, y: (item) => before.y[item] + shiftY })
  frame.context.globalAlpha = 1
}

function paintBatch(batch: Batch): void {
  const families: number[][] = FAMILY_COLOURS.map(() => [])
  const pills: number[] = []
  const scopes: number[] = []
  for (const item of batch.items) {
    const family = batch.scene.cards[item].family
    if (batch.scene.kind[item] === SCOPE) scopes.push(item)
    else if (family < 0) pills.push(item)
    else families[family].push(item)
  }
  if (batch.frame.detail.rows) paintCards(batch, families)
  else paintBlocks(batch, families)
  paintPills(batch, pills)
  paintScopeCards(batch.frame, batch.scene, scopes, batch.x, batch.y)
}

function paintCards(batch: Batch, families: readonly number[][]): void {
  const { context, theme } = batch.frame
  context.beginPath()
  for (const item of batch.items) {
    if (batch.scene.cards[item].rows.length > 0) context.roundRect(batch.x(item), batch.y(item), batch.scene.width[item], batch.scene.height[item], CORNER)
  }
  context.fillStyle = theme.card
  context.fill()
  context.strokeStyle = theme.cardLine
  context.lineWidth = 1
  context.stroke()
  families.forEach((items, family) => {
    if (items.length === 0) return
    context.beginPath()
    for (const item of items) {
      const hasRows = batch.scene.cards[item].rows.length > 0
      context.roundRect(batch.x(item) - 0.5, batch.y(item) - 0.5, batch.scene.width[item] + 1, (hasRows ? TITLE_HEIGHT : batch.scene.height[item]) + 1, hasRows ? [CORNER, CORNER, 0, 0] : CORNER)
    }
    context.fillStyle = FAMILY_COLOURS[family]
    context.fill()
  })
  paintTitles(batch, families)
  paintRows(batch)
}

function paintTitles(batch: Batch, families: readonly number[][]): void {
  const { context } = batch.frame
  context.font = FONTS.title
  context.fillStyle = '#FFFFFF'
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  for (const items of families) {
    for (const item of items) {
      const card = batch.scene.cards[item]
      const hasRows = card.rows.length > 0
      const inset = hasRows ? SIDE_PADDING : (card.width - card.titleWidth) / 2
      context.fillText(card.title, batch.x(item) + inset, batch.y(item) + (hasRows ? TITLE_HEIGHT : card.height) / 2 + 0.5)
    }
  }
}

function paintRows(batch: Batch): void {
  const { context, theme } = batch.frame
  const { tensors } = batch.frame.marks
  const withRows = batch.items.filter((item) => batch.scene.cards[item].rows.length > 0)
  const rowY = (item: number, row: number): number => batch.y(item) + TITLE_HEIGHT + ROWS_PADDING + ROW_HEIGHT * (row + 0.5) + 0.5
  context.textAlign = 'left'
  context.font = FONTS.name
  context.fillStyle = theme.text
  for (const item of withRows) {
    batch.scene.cards[item].rows.forEach((row, i) => {
      const accent = tensors.size > 0 && row.slot >= 0 && tensors.has(batch.scene.document.inputsAt(batch.scene.index[item])[row.slot])
      if (accent) context.fillStyle = theme.accentText
      context.fillText(row.name, batch.x(item) + SIDE_PADDING, rowY(item, i))
      if (accent) context.fillStyle = theme.text
    })
  }
  context.font = FONTS.row
  context.fillStyle = theme.secondary
  for (const item of withRows) {
    const card = batch.scene.cards[item]
    if (card.more) context.fillText(card.more, batch.x(item) + SIDE_PADDING, rowY(item, card.rows.length))
  }
  context.textAlign = 'right'
  for (const item of withRows) {
    const card = batch.scene.cards[item]
    card.rows.forEach((row, i) => {
      if (row.opens) paintOpens(context, batch.x(item) + card.width - SIDE_PADDING, rowY(item, i) - 0.5, isOpen(batch.scene, batch.scene.index[item]))
      else context.fillText(row.value, batch.x(item) + card.width - SIDE_PADDING, rowY(item, i))
    })
  }
}

/** The small triangle of a row that opens: it points down once that is open. */
function paintOpens(context: Context, x: number, y: number, open: boolean): void {
  context.beginPath()
  context.moveTo(x - (open ? 6 : 5), y - (open ? 2.5 : 3.5))
  context.lineTo(x + (open ? 1 : 0), y - (open ? 2.5 : 0))
  context.lineTo(x - (open ? 2.5 : 5), y + (open ? 2.5 : 3.5))
  context.closePath()
  context.fill()
}

/** Far out: one block of colour per node, its name as large as fits. */
function paintBlocks(batch: Batch, families: readonly number[][]): void {
  const { context, camera, detail, theme } = batch.frame
  const rounded = camera.zoom >= 0.3
  const colours = detail.names ? FAMILY_COLOURS : theme.specks
  families.forEach((items, family) => {
    if (items.length === 0) return
    context.fillStyle = colours[family]
    if (rounded) {
      context.beginPath()
      for (const item of items) context.roundRect(batch.x(item), batch.y(item), batch.scene.width[item], batch.scene.height[item], CORNER)
      context.fill()
    } else {
      for (const item of items) context.fillRect(batch.x(item), batch.y(item), batch.scene.width[item], batch.scene.height[item])
    }
  })
  if (!detail.names) return
  context.fillStyle = '#FFFFFF'
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  let font = 0
  for (const items of families) {
    for (const item of items) {
      const card = batch.scene.cards[item]
      const size = blockName(card)
      if (size !== font) context.font = `600 ${size}px ${FONT_FAMILY}`
      font = size
      context.fillText(card.title, batch.x(item) + card.width / 2, batch.y(item) + card.height / 2 + 1)
    }
  }
}

/** Font size in pixels; even numbers only, so that few fonts are used. */
function blockName(card: Card): number {
  const size = Math.min((12 * (card.width - BLOCK_PADDING)) / Math.max(1, card.titleWidth), card.height * 0.7, LARGEST_NAME)
  return Math.max(10, Math.floor(size / 2) * 2)
}

function paintPills(batch: Batch, pills: readonly number[]): void {
  if (pills.length === 0) return
  const { context, theme, detail } = batch.frame
  const { scene } = batch
  const line = { [INPUT]: theme.pillLine, [OUTPUT]: theme.pillLine, [LOOSE]: theme.warning, [CAPTURED]: theme.pillLine } as Record<number, string>
  const text = { [INPUT]: theme.text, [OUTPUT]: theme.text, [LOOSE]: theme.warning, [CAPTURED]: theme.secondary } as Record<number, string>
  context.lineWidth = Math.max(1, 0.8 / batch.frame.camera.zoom)
  for (const kind of [INPUT, OUTPUT, LOOSE, CAPTURED]) {
    const items = pills.filter((item) => scene.kind[item] === kind)
    if (items.length === 0) continue
    context.beginPath()
    for (const item of items) context.roundRect(batch.x(item), batch.y(item), scene.width[item], scene.height[item], scene.height[item] / 2)
    context.fillStyle = kind === CAPTURED ? theme.ground : theme.pill
    context.fill()
    if (kind === CAPTURED || kind === LOOSE) context.setLineDash([4, 3])
    context.strokeStyle = line[kind]
    context.stroke()
    context.setLineDash([])
    if (!detail.names) continue
    context.font = FONTS.title
    context.fillStyle = text[kind]
    context.textAlign = 'left'
    context.textBaseline = 'middle'
    for (const item of items) {
      const card = scene.cards[item]
      context.fillText(card.title, batch.x(item) + (card.width - card.titleWidth) / 2, batch.y(item) + card.height / 2 + 0.5)
    }
  }
}
