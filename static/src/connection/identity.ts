/** Who sits at this tab: a participant id that a reload keeps, and the name the others see. */
const ID = 'scalpel.participant'
const NAME = 'scalpel.name'
/** who has not said a name */
export const GUEST = 'Guest'

/** 32 hexadecimal digits; not crypto.randomUUID, which plain HTTP on a local network lacks. */
export function freshId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function participantId(tab: Storage): string {
  const known = tab.getItem(ID)
  if (known) return known
  const fresh = freshId().slice(0, 12)
  tab.setItem(ID, fresh)
  return fresh
}

export function participantName(kept: Storage): string {
  return kept.getItem(NAME) || GUEST
}

export function keepParticipantName(kept: Storage, name: string): void {
  kept.setItem(NAME, name)
}

/** Guests are told apart by their number. */
export function shownName(one: { name: string; colour: number }): string {
  return one.name === GUEST ? `${GUEST} ${one.colour + 1}` : one.name
}
