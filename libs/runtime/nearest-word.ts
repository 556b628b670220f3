/** Finds the known word that a mistyped one most likely meant. */

/** The nearest of `words` by edit distance, or undefined when none is near enough to be meant. */
export function nearestWord(typed: string, words: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(3, Math.floor(typed.length / 3))
  for (const word of words) {
    const distance = editDistance(typed, word)
    if (distance >= bestDistance) continue
    best = word
    bestDistance = distance
  }
  return best
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
