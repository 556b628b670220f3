/** Numbers that look random and are functions of their place: the same seed gives the same year, in any order of asking. */

// Odd constants with well-spread bits; each round multiplies and folds the high bits down (a Murmur3-style finaliser).
const GOLDEN = 0x9e3779b1
const MIX_1 = 0x85ebca6b
const MIX_2 = 0xc2b2ae35
const UINT32 = 0x1_0000_0000
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

const mix = (state: number, word: number): number => {
  let h = Math.imul(state ^ word, GOLDEN)
  h = Math.imul(h ^ (h >>> 16), MIX_1)
  h = Math.imul(h ^ (h >>> 13), MIX_2)
  return h ^ (h >>> 16)
}

/** A 32-bit number for a text (FNV-1a over UTF-16 code units): names a stream of noise. */
export function textHash(text: string): number {
  let h = FNV_OFFSET
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), FNV_PRIME)
  return h >>> 0
}

/** 32 bits for a place; `index` may be any whole number up to 2^53, such as epoch milliseconds. */
export function hash(seed: number, stream: number, index: number): number {
  const low = index >>> 0
  const high = Math.floor(index / UINT32) | 0
  return mix(mix(mix(seed | 0, stream), low), high) >>> 0
}

/** Evenly spread in [0, 1). */
export const uniform = (seed: number, stream: number, index: number): number => hash(seed, stream, index) / UINT32

/** Normally distributed with mean 0 and deviation 1, never beyond about 6.7 (Box and Muller). */
export function gaussian(seed: number, stream: number, index: number): number {
  const u = (hash(seed, stream, index) + 1) / UINT32
  const v = uniform(seed, stream ^ GOLDEN, index)
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v)
}

/** A smooth wander around 0 with deviation below 1 that turns about once in `periodMs`. */
export function wander(seed: number, stream: number, t: number, periodMs: number): number {
  const place = t / periodMs
  const index = Math.floor(place)
  const fraction = place - index
  const weight = fraction * fraction * (3 - 2 * fraction)
  return gaussian(seed, stream, index) * (1 - weight) + gaussian(seed, stream, index + 1) * weight
}
