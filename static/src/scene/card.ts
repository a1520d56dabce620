/** What is drawn for one node: its title, rows and size. */
import type { ModelDocument } from '../document/model'
import { slotName } from '../document/records'
import { isRowConstant } from '../document/row-constants'
import type { Rows } from '../document/rows'
import type { AttributeView } from '../protocol/types'
import { FAMILIES } from '../theme'
import type { Direction } from './flow'
import { fit, type Measure } from './measure'
import type { ScopeFacts } from './scope-card'
import { attributeText, clip, drawable, dtypeOfAttribute, listedText, shortDtype, tensorText } from './text'

export interface Row {
  name: string
  value: string
  /** a body that opens */
  opens: boolean
  /** the input slot of the initializer that the row stands for; -1 for other rows */
  slot: number
}

export interface Card {
  title: string
  titleWidth: number
  /** index into FAMILY_COLOURS; -1 for a pill */
  family: number
  rows: readonly Row[]
  /** '+ 3 more'; '' when all rows are shown */
  more: string
  width: number
  height: number
  /** of a closed scope */
  scope?: ScopeFacts
}

export const TITLE_HEIGHT = 22
export const ROW_HEIGHT = 14
export const ROWS_PADDING = 3
export const SIDE_PADDING = 10
const BOX_PADDING = 16
const ROW_GAP = 20
const MOST_ROWS = 6
const LEAST_BOX = 56
const LEAST_CARD = 124
const MOST_CARD = 252
const MOST_TITLE = 220
/** a box with many wires is made large enough to tell them apart, up to this */
const MOST_SIDE = 480
const PORT_STEP = 12
/** Slots of an operator that nothing is in count for the height up to here: they are seen only while they are pointed at. */
const MOST_EMPTY_SLOTS = 8

/** the row of a node that calls a function of the model */
const FUNCTION_ROW = 'function'
/** a row that is only counted */
const UNSEEN: Row = { name: '', value: '', opens: false, slot: -1 }

/** Attributes at these values say nothing that a reader would miss. */
const USUAL: Readonly<Record<string, (view: AttributeView) => boolean>> = {
  dilations: (view) => every(view, 1),
  strides: (view) => every(view, 1),
  pads: (view) => every(view, 0),
  output_padding: (view) => every(view, 0),
  group: (view) => view.value === 1,
  auto_pad: (view) => view.value === 'NOTSET',
  ceil_mode: (view) => view.value === 0,
  storage_order: (view) => view.value === 0,
  count_include_pad: (view) => view.value === 0,
  training_mode: (view) => view.value === 0,
  momentum: () => true,
  transA: (view) => view.value === 0,
  transB: (view) => view.value === 0,
  alpha: (view) => view.value === 1,
  beta: (view) => view.value === 1,
  allowzero: (view) => view.value === 0,
  noop_with_empty_axes: (view) => view.value === 0,
  keepdims: (view) => view.value === 1,
  stash_type: (view) => view.value === 1,
  epsilon: (view) => typeof view.value === 'number' && Math.abs(view.value - 1e-5) < 1e-9,
  saturate: (view) => view.value === 1,
  block_size: (view) => view.value === 0,
  fmod: (view) => view.value === 0,
  antialias: (view) => view.value === 0,
  exclude_outside: (view) => view.value === 0,
  extrapolation_value: (view) => view.value === 0,
  cubic_coeff_a: (view) => view.value === -0.75,
  select_last_index: (view) => view.value === 0,
}

function every(view: AttributeView, wanted: number): boolean {
  return !view.ref && !view.cut && Array.isArray(view.value) && view.value.every((item) => item === wanted)
}

/** The card with room for so many wires on its busier side: wider, or higher where the graph runs to the right. */
export function withRoom(card: Card, ports: number, direction: Direction): Card {
  if (direction === 'right') {
    const height = Math.min(MOST_SIDE, ports * PORT_STEP)
    return height > card.height ? { ...card, height } : card
  }
  if (ports < 4) return card // every box has room for these
  const width = Math.min(MOST_SIDE, grid(ports * PORT_STEP + BOX_PADDING))
  return width > card.width ? { ...card, width } : card
}

/** The cards of a document, kept until what they show changes. */
export class Cards {
  private readonly cards: (Card | undefined)[] = []
  private readonly boxes = new Map<string, Card>()
  /** cards of nodes that were not edited, by what is shown: in a large model most look like many others */
  private readonly alike = new Map<string, Card>()

  constructor(private readonly document: ModelDocument, private readonly measure: Measure) {}

  /** `ports`: how many wires enter or leave on the busier side */
  node(index: number, ports: number, direction: Direction): Card {
    let card = this.cards[index]
    if (!card) {
      const looks = this.document.looksAt(index, (value) => isRow(this.document, value))
      card = looks === null ? undefined : this.alike.get(looks)
      if (!card) {
        card = this.make(index)
        if (looks !== null) this.alike.set(looks, card)
      }
      this.cards[index] = card
    }
    return withRoom(card, direction === 'right' ? Math.max(ports, this.slots(index)) : ports, direction)
  }

  /** How many slots the node shows where it takes values in, empty ones too. */
  private slots(index: number): number {
    const { input_names, variadic_input } = this.document.operatorAt(index)
    const taken = this.document.inputCountAt(index)
    return Math.max(taken + Number(variadic_input), Math.min(MOST_EMPTY_SLOTS, input_names.length))
  }

  pill(text: string): Card {
    return this.box(text, -1)
  }

  drop(index: number): void {
    if (index >= 0) this.cards[index] = undefined
  }

  private make(index: number): Card {
    const { op_type, family } = this.document.operatorAt(index)
    const rows = this.rows(index)
    const familyIndex = Math.max(0, FAMILIES.indexOf(family))
    const name = op_type === '' ? '(no operator)' : op_type
    if (rows.length === 0) return this.box(name, familyIndex)
    const literal = op_type === 'Constant' && rows.length === 1 ? literalText(rows[0].value) : ''
    if (literal) return this.box(literal, familyIndex)
    const shown = rows.length > MOST_ROWS ? rows.slice(0, MOST_ROWS - 1) : rows
    const more = rows.length > shown.length ? `+ ${(rows.length - shown.length).toLocaleString('en')} more` : ''
    const title = fit(drawable(name), 'title', MOST_TITLE, this.measure)
    const titleWidth = this.measure.width(title, 'title')
    let inner = Math.max(titleWidth, LEAST_CARD - 2 * SIDE_PADDING)
    for (const row of shown) inner = Math.max(inner, this.measure.width(row.name, 'name') + ROW_GAP + this.measure.width(row.value, 'row'))
    const width = Math.min(MOST_CARD, grid(inner + 2 * SIDE_PADDING))
    const fitted = shown.map((row) => this.fitRow(row, width - 2 * SIDE_PADDING))
    const height = TITLE_HEIGHT + 2 * ROWS_PADDING + ROW_HEIGHT * (shown.length + (more ? 1 : 0))
    return { title, titleWidth, family: familyIndex, rows: fitted, more, width, height }
  }

  /** The value gives way first, but keeps half of the row. */
  private fitRow(row: Row, inner: number): Row {
    const value = fit(row.value, 'row', Math.max(inner / 2, inner - ROW_GAP - this.measure.width(row.name, 'name')), this.measure)
    const room = value === '' ? inner - 16 : inner - 12 - this.measure.width(value, 'row')
    return { name: fit(row.name, 'name', room, this.measure), value, opens: row.opens, slot: row.slot }
  }

  private box(text: string, family: number): Card {
    const key = `${family}\n${text.length > 500 ? text.slice(0, 500) : text}`
    let card = this.boxes.get(key)
    if (!card) {
      const title = fit(drawable(text), 'title', MOST_TITLE, this.measure)
      const titleWidth = this.measure.width(title, 'title')
      const width = Math.max(LEAST_BOX, grid(titleWidth + 2 * BOX_PADDING))
      card = { title, titleWidth, family, rows: [], more: '', width, height: TITLE_HEIGHT }
      this.boxes.set(key, card)
    }
    return card
  }

  private rows(index: number): Row[] {
    const rows = this.initializerRows(index)
    const hasWeights = rows.length > 0
    let bodies = 0
    if (this.document.functionAt(index) !== '') rows.splice(bodies++, 0, { name: FUNCTION_ROW, value: '', opens: true, slot: -1 })
    for (const [name, view] of this.document.attributesAt(index)) {
      if (view.type === 'GRAPH' || view.type === 'GRAPHS') {
        rows.splice(bodies++, 0, { name: clip(drawable(name), 60), value: '', opens: true, slot: -1 })
        continue
      }
      if (USUAL[name]?.(view) || (name === 'kernel_shape' && hasWeights)) continue
      rows.push({ name: clip(drawable(name), 60), value: dtypeOfAttribute(name, view) || attributeText(view), opens: false, slot: -1 })
    }
    return rows
  }

  private initializerRows(index: number): Row[] {
    const rows: Row[] = []
    const operator = this.document.operatorAt(index)
    const inputs = this.document.inputsAt(index)
    for (let slot = 0; slot < inputs.length; slot++) {
      const value = inputs[slot]
      if (value < 0 || !isRow(this.document, value)) continue
      if (rows.length > MOST_ROWS) {
        rows.push(UNSEEN)
        continue
      }
      const { dtype, shape } = this.document.typeAt(value)
      const name = slotName(operator.input_names, operator.variadic_input, slot) || lastPart(this.document.valueNameAt(value))
      rows.push({ name: clip(drawable(name), 60), value: this.constantText(value) || tensorText(dtype, shape, this.document.elementsAt(value)), opens: false, slot })
    }
    return rows
  }

  /** What is in the constant that makes the value; '' for other values, and where it is too much to say. */
  private constantText(value: number): string {
    const producer = this.document.producerOf(value)
    const views = producer < 0 ? [] : this.document.attributesAt(producer)
    return views.length === 1 ? rowText(views[0][1]) : ''
  }
}

/** What a constant's value attribute says, as an initializer's row would: 'int64[2]: 1, -1' → '= [1, -1]  i64'; '' when it is not there. */
function rowText(view: AttributeView): string {
  const said = attributeText(view)
  const tensor = /^(?:sparse )?([a-z0-9?]+)\[([^\]]*)\](?:: (.*))?$/s.exec(said)
  if (!tensor || view.type !== 'TENSOR') return said === '' ? '' : `= ${Array.isArray(view.value) ? `[${said}]` : said}`
  const [, dtype, dims, elements] = tensor
  const kind = dtype === 'float32' ? '' : `  ${shortDtype(dtype)}`
  if (elements === undefined) return `${dims === '' ? 'scalar' : dims.replaceAll(', ', '×')}${kind}`
  const listed = withoutEnds(listedText(elements))
  return `= ${dims === '' ? listed : `[${listed}]`}${kind}`
}

/** What stands in a row of the node that takes it: tensors, and constants that it alone takes. */
export function isRow(document: ModelDocument, value: number): boolean {
  return isTensor(document, value) || isRowConstant(document, value)
}

/** Initializers are rows of the nodes that take them, not boxes; nor are inputs that have a default. */
export function isTensor(document: Rows, value: number): boolean {
  const kind = document.kindAt(value)
  if (kind === 'initializer') return true
  return document.bytesAt(value) > 0 && document.producerOf(value) < 0
}

/** A constant is as small as its value: 'int64[2]: 1, -1' → '1, -1'; '' when the value is not there. */
function literalText(value: string): string {
  const tensor = /^[a-z0-9]+\[[^\]]*\](?:: (.*))?$/.exec(value)
  return clip(withoutEnds((tensor ? tensor[1] : value) ?? ''), 26)
}

/** The ends of what an int64 can be, said in words. */
function withoutEnds(elements: string): string {
  return elements.replaceAll('-9223372036854775808', 'min').replaceAll('9223372036854775807', 'max')
}

function lastPart(name: string): string {
  const tail = name.slice(-80)
  const parts = tail.split(/[/.]/)
  return parts[parts.length - 1] || tail
}

/** Sizes stand on a grid of 4. */
function grid(length: number): number {
  return Math.ceil(length / 4) * 4
}
