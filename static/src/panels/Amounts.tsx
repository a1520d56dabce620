/** Rows that compare amounts: a name, a bar, a figure; a click goes where the amount is. */
import type { JSX } from 'preact'

export interface Amount { key: string; name: JSX.Element | string; title: string; share: number; text: string; family?: string; go?(): void }

export function Amounts({ rows }: { rows: readonly Amount[] }): JSX.Element {
  return (
    <div class="kinds">
      {rows.map((row) => {
        const inside = (
          <>
            {row.family && <span class={`mark family-${row.family}`} />}<span class="cut">{row.name}</span>
            <span class="kind-bar" aria-hidden="true"><i class={row.family ? `family-${row.family}` : ''} style={{ '--share': String(row.share) }} /></span>
            <span class="kind-count">{row.text}</span>
          </>
        )
        const style = row.family ? 'kind amount' : 'kind amount bare'
        return row.go
          ? <button key={row.key} type="button" class={style} title={row.title} onClick={row.go}>{inside}</button>
          : <div key={row.key} class={style} title={row.title}>{inside}</div>
      })}
    </div>
  )
}
