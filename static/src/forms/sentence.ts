/** One way to write what is told to people: a capital at the beginning, a full stop at the end. Programs' lines have neither. */

/** what `x is …` begins with when x is no name */
const PRONOUNS = /^(there|it|this|that|these|what|which|nothing|something|everything|one)$/

/** A first word that may be a name (quoted, dotted, with capitals or figures, or what the line is about) stays as it is. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '') return ''
  const [, first, second] = /^([a-z]+)(?=[\s,])\s*([a-z]*)/.exec(trimmed) ?? []
  const named = first === undefined || (/^(is|are|has|was|does|cannot|may|stands|finds|makes|would)$/.test(second ?? '') && !PRONOUNS.test(first))
  const capital = named ? trimmed : trimmed[0]!.toUpperCase() + trimmed.slice(1)
  return /[.?!…:]$/.test(capital) ? capital : `${capital}.`
}

/** A complaint about a field: `is needed` under "operator" reads "Operator is needed." */
export function complaint(label: string, text: string): string {
  const about = /^(is|are|has|have|must|may|cannot|can|does|do|needs?|should|was)\b/.test(text.trim())
  return about ? sentence(`${label[0]?.toUpperCase() ?? ''}${label.slice(1)} ${text.trim()}`) : sentence(text)
}
