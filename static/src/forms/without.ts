/** An object without one of its entries. */
export function without<T extends object, K extends keyof T>(whole: T, key: K): Omit<T, K> {
  const rest: Partial<T> = { ...whole }
  delete rest[key]
  return rest as Omit<T, K>
}
