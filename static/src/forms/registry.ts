/** Which widget draws which kind of parameter. A new kind of parameter is one file in widgets/ and one line here. */
import type { Widget } from './widget'
import { AttributeNameWidget } from './widgets/AttributeNameWidget'
import { AttributesWidget } from './widgets/AttributesWidget'
import { AttributeValueWidget } from './widgets/AttributeValueWidget'
import { ChoiceWidget } from './widgets/ChoiceWidget'
import { DimNameWidget } from './widgets/DimNameWidget'
import { DomainWidget } from './widgets/DomainWidget'
import { DtypeWidget } from './widgets/DtypeWidget'
import { GraphWidget } from './widgets/GraphWidget'
import { InputsWidget } from './widgets/InputsWidget'
import { JsonWidget } from './widgets/JsonWidget'
import { LongTextWidget } from './widgets/LongTextWidget'
import { NamesWidget } from './widgets/NamesWidget'
import { NodesWidget } from './widgets/NodesWidget'
import { NodeWidget } from './widgets/NodeWidget'
import { NumberWidget } from './widgets/NumberWidget'
import { OpTypeWidget } from './widgets/OpTypeWidget'
import { OrderedValuesWidget } from './widgets/OrderedValuesWidget'
import { ShapesWidget } from './widgets/ShapesWidget'
import { ShapeWidget } from './widgets/ShapeWidget'
import { SlotWidget } from './widgets/SlotWidget'
import { SubjectWidget } from './widgets/SubjectWidget'
import { SwitchWidget } from './widgets/SwitchWidget'
import { TensorWidget } from './widgets/TensorWidget'
import { TextWidget } from './widgets/TextWidget'
import { ValuesWidget } from './widgets/ValuesWidget'
import { ValueWidget } from './widgets/ValueWidget'

const WIDGETS: Readonly<Record<string, Widget>> = {
  node: NodeWidget,
  nodes: NodesWidget,
  value: ValueWidget,
  values: ValuesWidget,
  name: TextWidget,
  text: TextWidget,
  op_type: OpTypeWidget,
  domain: DomainWidget,
  dtype: DtypeWidget,
  shape: ShapeWidget,
  attribute_name: AttributeNameWidget,
  attribute_value: AttributeValueWidget,
  attributes: AttributesWidget,
  inputs: InputsWidget,
  switch: SwitchWidget,
  number: NumberWidget,
  choice: ChoiceWidget,
  shapes: ShapesWidget,
  dim_name: DimNameWidget,
  tensor: TensorWidget,
  subject: SubjectWidget,
  ordered_values: OrderedValuesWidget,
  long_text: LongTextWidget,
  json: JsonWidget,
  edits: ChoiceWidget,
  fragment: ChoiceWidget,
  note: ChoiceWidget,
  graph: GraphWidget,
  names: NamesWidget,
  slot: SlotWidget,
}

export function widgetNamed(name: string): Widget {
  return WIDGETS[name] ?? TextWidget
}
