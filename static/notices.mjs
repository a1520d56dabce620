/** Writes dist/THIRD_PARTY_NOTICES.txt: the licence text of every package that the bundle carries. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('.', import.meta.url).pathname
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const wanted = new Map()

function visit(name) {
  const place = `node_modules/${name}`
  const entry = lock.packages[place]
  if (!entry || wanted.has(name)) return
  wanted.set(name, entry)
  for (const dependency of Object.keys(entry.dependencies ?? {})) visit(dependency)
}

for (const name of Object.keys(lock.packages[''].dependencies)) visit(name)

const parts = []
for (const [name, entry] of [...wanted].sort()) {
  const folder = join(root, 'node_modules', name)
  const file = existsSync(folder) ? readdirSync(folder).find((f) => /^licen[cs]e/i.test(f)) : undefined
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${entry.license}`
  parts.push(`${name} ${entry.version}${entry.license ? ` (${entry.license})` : ''}\n\n${text}`)
}
writeFileSync(join(root, 'dist', 'THIRD_PARTY_NOTICES.txt'), parts.join(`\n\n${'-'.repeat(80)}\n\n`) + '\n')
