/** The commands of the page by id, and the keys that call them. */
import { matches, parseChord, pressedAs, type Pressed } from './keys'

export interface Command {
  id: string
  title: string
  group: 'Edit' | 'Select' | 'Go' | 'View' | 'Model' | 'On the graph'
  /** `Ctrl+Z`; the first is the one that is shown */
  keys: readonly string[]
  run(): void
  enabled(): boolean
  /** one line about why its key does nothing now, where people would wonder; null: it needs no saying */
  whyNot?(): string | null
  /** also works while a field has the focus */
  everywhere?: boolean
  /** the browser tells of it by an event of its own, which carries what the page may not ask for: the key is left to it */
  native?: true
  /** its keys count while the graph has the focus: elsewhere they move in lists and press buttons */
  onGraph?: true
}

export class Commands {
  private readonly byId = new Map<string, Command>()

  constructor(commands: readonly Command[]) {
    const byKey = new Map<string, string>()
    for (const command of commands) {
      if (this.byId.has(command.id)) throw new Error(`two commands are called ${command.id}`)
      this.byId.set(command.id, command)
      for (const key of command.keys.map(pressedAs)) {
        if (byKey.has(key)) throw new Error(`${byKey.get(key)} and ${command.id} have the same key ${key}`)
        byKey.set(key, command.id)
      }
    }
  }

  all(): Command[] {
    return [...this.byId.values()]
  }

  get(id: string): Command {
    const command = this.byId.get(id)
    if (!command) throw new Error(`no command is called ${id}`)
    return command
  }

  run(id: string): void {
    const command = this.get(id)
    if (command.enabled()) command.run()
  }

  /** The command of a pressed key; `onGraph`: while the graph has the focus. While a field is edited only Ctrl chords and function keys of commands meant for everywhere count. */
  forKey(pressed: Pressed, typing: boolean, onGraph: boolean): Command | undefined {
    const counts = (command: Command, keys: string): boolean => (!typing && (onGraph || !command.onGraph)) || (command.everywhere === true && /^(Ctrl\+|(Shift\+)?F\d)/.test(keys))
    return this.all().find((command) => command.keys.some((keys) => counts(command, keys) && matches(parseChord(keys), pressed)))
  }
}
